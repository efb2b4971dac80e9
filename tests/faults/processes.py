"""Daemons as processes, seen from outside: started, stopped, woken, killed."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.crashing import Moment
from tests.faults.patience import within


@dataclass(eq=False)
class Process:
    """One running program of ours."""

    pid: int
    log: Path
    code: "asyncio.Future[int]"

    @property
    def runs(self) -> bool:
        return not self.code.done()

    def signal(self, number: signal.Signals) -> None:
        if self.runs:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def ended(self, seconds: float = 60.0) -> int:
        """Its exit code, as soon as it has one; -9 when it was killed."""
        async with within(seconds):
            return await asyncio.shield(self.code)

    async def halted(self) -> None:
        """Wait until it takes no step any more, whoever halted it."""
        stat = Path(f"/proc/{self.pid}/stat")
        async with within(60):
            while ") T " not in stat.read_text():  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        self.signal(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """As a service manager stops it; a program that was halted goes on for that."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        return await self.ended()


class Launcher:
    """Starts programs by way of ``launcher.py``."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._running: dict[int, asyncio.Future[int]] = {}
        self._started: asyncio.Queue[int] = asyncio.Queue()
        self._one_at_a_time = asyncio.Lock()

    async def start(
        self,
        *arguments: str,
        log: Path,
        env: Mapping[str, str],
        moment: Moment | None = None,
        silence: float | None = None,
        counts: Path | None = None,
        namesake: bool = False,
        clock: Path | None = None,
    ) -> Process:
        """``pfinbox`` with these arguments; ``silence``: the rhythm of its heartbeats.

        ``namesake``: host name and pid are those of every other one that is given this.
        ``clock``: a file that says by how many seconds its wall clock is wrong.
        """
        given = {
            "arguments": arguments,
            "log": str(log),
            "env": dict(env),
            "moment": asdict(moment) if moment else None,
            "silence": silence,
            "counts": str(counts) if counts else None,
            "namesake": namesake,
            "clock": str(clock) if clock else None,
        }
        async with self._one_at_a_time:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(given).encode() + b"\n")
            async with within(120):
                pid = await self._started.get()
        return Process(pid, log, self._running[pid])

    async def run(self, *arguments: str, log: Path, env: Mapping[str, str]) -> tuple[int, str]:
        """A command's exit code and what it says, once it has ended."""
        log.unlink(missing_ok=True)
        process = await self.start(*arguments, log=log, env=env)
        code = await process.ended(120)
        return code, log.read_text(errors="replace")

    async def listen(self) -> None:
        """Hear what the launcher says until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            if "started" in said:
                self._running[said["started"]] = asyncio.get_running_loop().create_future()
                self._started.put_nowait(said["started"])
            elif "ended" in said:
                self._running.pop(said["ended"]).set_result(said["code"])

    def kill_all(self, signals: Sequence[signal.Signals] = (signal.SIGKILL,)) -> None:
        for pid in self._running:
            for number in signals:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)


@asynccontextmanager
async def launching() -> AsyncIterator[Launcher]:
    """A launcher; whatever it started and still runs is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.launcher", stdin=PIPE, stdout=PIPE
    )
    launcher = Launcher(process)
    listening = asyncio.create_task(launcher.listen())
    try:
        yield launcher
    finally:
        launcher.kill_all()
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
