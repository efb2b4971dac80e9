"""A terminal for measuring full-screen programs: it answers what they ask, and keeps the time."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROWS, COLUMNS = 40, 120
# Programs that ask the terminal something wait for the answer before they paint.
_ANSWERS = (
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[>0?c"), b"\x1b[>41;354;0c"),
    (re.compile(rb"\x1b\[>0?q"), b"\x1bP>|XTerm(354)\x1b\\"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[\?u"), b"\x1b[?0u"),
    (re.compile(rb"\x1b\]10;\?(?:\x07|\x1b\\)"), b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\"),
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
)
_ESCAPES = re.compile(
    rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;:?<>=]*[ -/]*[@-~]|\x1b[()].|\x1b."
)


class Terminal:
    """Runs one program at 120x40 until the end of the ``with``."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.began = time.perf_counter()
        self.output = bytearray()
        self.last = self.began
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execvpe(command[0], list(command), dict(environment))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.close(self._fd)
        os.waitpid(self._pid, 0)

    def read(self, seconds: float) -> int:
        """Take what the program writes within that time; how many bytes, 0 for none."""
        ready, _w, _x = select.select([self._fd], [], [], max(seconds, 0))
        if not ready:
            return 0
        data = os.read(self._fd, 1 << 16)
        self.last = time.perf_counter()
        self.output += data
        for question, answer in _ANSWERS:
            for _found in question.findall(data):
                os.write(self._fd, answer)
        return len(data)

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def wait_for(self, words: str, seconds: float = 30) -> float:
        """The seconds from the start until these words have been written."""
        pattern = re.compile(words.encode())
        searched = 0
        while not pattern.search(_ESCAPES.sub(b"", self.output[searched:])):
            if not self.read(self.began + seconds - time.perf_counter()):
                raise TimeoutError(f"{words} has not come: {bytes(self.output[-500:])!r}")
        return self.last - self.began

    def settle(self, quiet: float) -> int:
        """Read until nothing is written for that long; how many bytes came."""
        total = 0
        while count := self.read(quiet):
            total += count
        return total

    def forget(self) -> None:
        """What was written so far counts no longer for ``wait_for``."""
        self.output.clear()

    @property
    def megabytes(self) -> float:
        """The program's share of the memory (PSS)."""
        rollup = Path(f"/proc/{self._pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in rollup.splitlines() if "Pss:" in line) / 1024

    @property
    def cpu(self) -> float:
        """The seconds of processor time that the program has used so far."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
