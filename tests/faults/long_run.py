"""The long run: every row on both databases, in parts that end alone and are never run twice.

A part is some of a row's faults in a process of its own. Its outcome is a file; a part that breaks
down or hangs has none, and is run again when the long run is begun again in the same folder.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.faults import outcomes
from tests.faults.report import table, verdict
from tests.faults.row import KILLS, Outcome, Row

# The most faults of one part, and the most seconds that it may take.
_PART = 50
_LIMIT = 3600


@dataclass(frozen=True, slots=True)
class Part:
    """The ``n``-th part of a row on one kind of database, with so many faults."""

    row: Row
    kind: str
    n: int
    kills: int

    def file(self, folder: Path) -> Path:
        return folder / f"{self.row.number}-{self.kind}-{self.n:02}.json"

    def command(self, folder: Path, seed: int) -> list[str]:
        """As it can be typed to see the part again, with ``tests.faults`` for the first words."""
        return [
            *("--rows", self.row.number, "--database", self.kind, "--seed", str(seed + self.n)),
            *("--kills", str(self.kills), "--long", "--write", str(self.file(folder))),
        ]


def parts(rows: Iterable[Row], kinds: Sequence[str]) -> list[Part]:
    """The first part of every row, then the second ones: a run that is ended early has them all."""
    found = []
    for row in rows:
        left, n = row.long or KILLS, 0
        while left > 0:
            for kind in filter(row.kinds.__contains__, kinds):
                found.append(Part(row, kind, n, min(_PART, left)))
            left, n = left - _PART, n + 1
    return sorted(found, key=lambda part: part.n)


async def run(chosen: Sequence[Part], folder: Path, seed: int, jobs: int) -> None:
    """Run what has no outcome yet, so many parts side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    seed = _kept_seed(folder, seed)
    left = iter(chosen)

    async def work() -> None:
        for part in left:
            if not part.file(folder).exists():
                await _part(part, folder, seed)

    async with asyncio.TaskGroup() as group:
        for _job in range(jobs):
            group.create_task(work())


def _kept_seed(folder: Path, seed: int) -> int:
    """A run that goes on has the seed with which it began."""
    path = folder / "seed"
    if not path.exists():
        path.write_text(f"{seed}\n")
    return int(path.read_text())


async def _part(part: Part, folder: Path, seed: int) -> None:
    command, file = part.command(folder, seed), part.file(folder)
    with file.with_suffix(".log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults", *command),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(_LIMIT):
                await process.wait()
        except TimeoutError:
            pass
        finally:
            # With all that it has started.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    says = "no outcome, see its log"
    if file.exists():
        says = "; ".join(verdict(outcomes.read(file, part.row)))
    print(file.stem, says, sep=" | ", flush=True)  # noqa: T201


def summary(chosen: Sequence[Part], folder: Path) -> tuple[str, bool]:
    """The table from the files, what has no outcome, and whether all is done and well."""
    order = list(dict.fromkeys((one.row.number, one.kind) for one in chosen))
    by_row = sorted(chosen, key=lambda one: order.index((one.row.number, one.kind)))
    found: list[Outcome] = []
    missing: list[str] = []
    for _key, of_row in groupby(by_row, key=lambda one: (one.row.number, one.kind)):
        done = []
        for part in of_row:
            file = part.file(folder)
            if file.exists():
                done.append(outcomes.read(file, part.row))
            else:
                missing.append(file.stem)
        if done:
            found.append(outcomes.joined(done))
    text = table(found)
    if missing:
        text += f"\n\nNo outcome yet: {' '.join(missing)}"
    well = not missing and not any(one.misses() or one.overdue() for one in found)
    return text, well
