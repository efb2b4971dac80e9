"""The screen beside its peers: python -m tests.benchmarks.bench_screen FOLDER [ROUNDS] [TASKS ...].

At 120x40, in turns: pfinbox over stores of that many tasks (1,000 unless said otherwise), neomutt
(warm header cache) and aerc over 20,000 mails, and Textual's own floor, a list of 50 rows. What is
not installed is left out. FOLDER keeps stores and mails for the next time.

Printed for each, the median of all rounds: the start until the first row (``row``) and until a key
typed at that moment has its effect (``keys``), seconds of processor time until then (``cpu``); the
milliseconds from a ``j`` to the first byte and to 15 ms of silence, in the middle (p50) and of the
slowest hundredth (p99); the bytes of one ``j``, at once and with what follows when the cursor
rests; the memory (PSS). Then the processor time of ``pfinbox status`` and ``pfinbox task list``.
"""

import asyncio
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import large_store, support_mail
from tests.benchmarks.terminal import COLUMNS, ROWS, Terminal

MAILS = 20_000
# Fewer than the list has rows: at its end a `j` has nothing to paint.
KEYS = 120
# Typed when the first row is there; the line in which commands are written shows it.
TYPED = "zqz"
_FLOOR = """
import sqlite3, sys
from textual.app import App
from textual.widgets import OptionList, Static

class Floor(App):
    typed = ""

    def compose(self):
        db = sqlite3.connect(sys.argv[1])
        rows = db.execute("select title from task order by last_activity_at desc limit 50")
        yield Static(id="typed")
        yield OptionList(*(f"Subject {title}" for (title,) in rows))

    def on_key(self, event):
        if event.character == "j":
            self.query_one(OptionList).action_cursor_down()
        else:
            self.typed += event.character
            self.query_one("#typed", Static).update(self.typed)

Floor().run()
"""


@dataclass
class Program:
    """What is measured, and what was."""

    name: str
    command: Sequence[str]
    # What a row of its list has, and nothing else on its screen.
    row: str
    row_times: list[float] = field(default_factory=list)
    key_times: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    first_byte: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    at_once: list[int] = field(default_factory=list)
    in_all: list[int] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)


def _pfinbox(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pfinbox", *arguments]


def _programs(folder: Path, sizes: Sequence[int]) -> Iterator[Program]:
    for size in sizes:
        store = folder / f"large_{size}.sqlite"
        if not store.exists():
            asyncio.run(large_store.fill(store, size))
        config = folder / f"config_{size}.toml"
        config.write_text(f'[database]\nurl = "sqlite:///{store}"\n[agent]\nlogin = "anna"\n')
        yield Program(
            f"pfinbox {size:,}",
            _pfinbox("--config", str(config), "tui", "--no-daemon"),
            r"Client\d",
        )
    floor = folder / "floor.py"
    floor.write_text(_FLOOR)
    store = folder / f"large_{sizes[0]}.sqlite"
    yield Program("Textual's floor", [sys.executable, str(floor), str(store)], "Subject ")
    mail = folder / "mail"
    if not mail.exists():
        support_mail.fill(mail / "INBOX" / "cur", MAILS)
        for name in ("new", "tmp"):
            (mail / "INBOX" / name).mkdir()
    if shutil.which("neomutt") is not None:
        (folder / "hcache").mkdir(exist_ok=True)
        settings = folder / "muttrc"
        settings.write_text(
            f'set folder="{mail}"\nset spoolfile="{mail}/INBOX"\nset mbox_type=Maildir\n'
            f'set sort=reverse-date\nset read_inc=0\nset header_cache="{folder}/hcache"\n'
            "bind index j next-entry\n"
        )
        yield Program("neomutt", ["neomutt", "-n", "-F", str(settings)], r" [0-9.]+K?\) ")
    if shutil.which("aerc") is not None:
        settings = folder / "aerc"
        settings.mkdir(exist_ok=True)
        accounts = settings / "accounts.conf"
        accounts.write_text(
            f"[T]\nsource = maildir://{mail}\nfrom = T <t@pfinbox.example>\ndefault = INBOX\n"
        )
        accounts.chmod(0o600)
        for name in ("aerc.conf", "binds.conf"):
            default = Path("/usr/share/aerc") / name
            if default.exists():
                shutil.copy(default, settings / name)
        yield Program("aerc", ["aerc"], r"\d{4}-\d\d-\d\d *\d\d:\d\d")


def _environment(folder: Path) -> dict[str, str]:
    wanted = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    size = {"LINES": str(ROWS), "COLUMNS": str(COLUMNS)}
    return {**os.environ, **wanted, **size, "XDG_CONFIG_HOME": str(folder)}


def _start(program: Program, environment: dict[str, str]) -> None:
    with Terminal(program.command, environment) as terminal:
        row = terminal.wait_for(program.row)
        terminal.forget()
        terminal.type(f":{TYPED}")
        keys = terminal.wait_for(TYPED)
        program.row_times.append(row)
        program.key_times.append(keys)
        program.cpu.append(terminal.cpu)


def _keys(program: Program, environment: dict[str, str], rand: random.Random) -> None:
    with Terminal(program.command, environment) as terminal:
        terminal.wait_for(program.row)
        terminal.settle(1.0)
        for _number in range(KEYS):
            began = time.perf_counter()
            terminal.type("j")
            count = terminal.read(2)
            program.first_byte.append(terminal.last - began)
            count += terminal.settle(0.015)
            program.painted.append(terminal.last - began)
            program.at_once.append(count)
            program.in_all.append(count + terminal.settle(0.25))
            time.sleep(rand.uniform(0, 0.05))
        program.megabytes.append(terminal.megabytes)


def _slowest(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))] * 1000


def _middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def _print(*cells: str) -> None:
    widths = (18, 8, 8, 8, 8, 8, 8, 8, 10, 10, 8)
    line = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _report(programs: Sequence[Program]) -> None:
    _print(
        *("", "row", "keys", "cpu", "j first", "p99", "j paint", "p99"),
        *("B at once", "B in all", "MB"),
    )
    for one in programs:
        _print(
            one.name,
            *(f"{_middle(times):.2f}" for times in (one.row_times, one.key_times, one.cpu)),
            f"{_middle(one.first_byte) * 1000:.1f}",
            f"{_slowest(one.first_byte):.0f}",
            f"{_middle(one.painted) * 1000:.1f}",
            f"{_slowest(one.painted):.0f}",
            f"{_middle(one.at_once):.0f}",
            f"{_middle(one.in_all):.0f}",
            f"{_middle(one.megabytes):.0f}",
        )


def _verbs(folder: Path, size: int, rounds: int) -> None:
    for verb in (("status",), ("task", "list")):
        spent = []
        for _round in range(rounds):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = _pfinbox("--config", str(folder / f"config_{size}.toml"), *verb)
            subprocess.run(command, check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        sys.stdout.write(f"pfinbox {' '.join(verb)}: {_middle(spent):.2f} s of processor time\n")


def main(folder: Path, rounds: int, sizes: Sequence[int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    environment = _environment(folder)
    rand = random.Random(1)
    programs = list(_programs(folder, sizes))
    for program in programs:
        # Caches of files, headers and bytecode are warm before anything counts.
        _start(program, environment)
        for times in (program.row_times, program.key_times, program.cpu):
            times.clear()
    for _round in range(rounds):
        for program in programs:
            _start(program, environment)
    for program in programs:
        _keys(program, environment, rand)
    _report(programs)
    _verbs(folder, sizes[0], rounds)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        Path(given[0]),
        int(given[1]) if len(given) > 1 else 5,
        [int(n) for n in given[2:]] or [1_000],
    )
