"""Run the rows and print their table: ``python -m tests.faults``; exit code 1 when one misses.

The long run is ``python -m tests.faults --into FOLDER``: every row on both databases, a thousand
kills where a row kills. Begun again in the same folder, it goes on where it was.
"""

import argparse
import asyncio
import importlib
import pkgutil
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults import long_run, outcomes, rows
from tests.faults.matrix import MATRIX
from tests.faults.report import line, table
from tests.faults.row import BOTH, KILLS, ROWS, Budget, Outcome, Row, carried_out
from tests.faults.servers import running
from tests.faults.world import a_world


def all_rows() -> list[Row]:
    """Every row of every family."""
    for family in pkgutil.iter_modules(rows.__path__):
        importlib.import_module(f"{rows.__name__}.{family.name}")
    return ROWS


async def run(
    chosen: Sequence[Row], kinds: Sequence[str], budget: Budget, seed: int, *, say: bool = True
) -> list[Outcome]:
    """The chosen rows on each kind of database."""
    made = []
    async with running(kinds) as servers:
        for one in chosen:
            for kind in filter(one.kinds.__contains__, kinds):
                began = time.monotonic()
                name = f"{seed}/{one.number}/{kind}"
                async with a_world(
                    servers, kind, name, door=one.door, disk=one.disk, tls=one.tls
                ) as world:
                    outcome = await carried_out(one, world, budget, name)
                made.append(outcome)
                if say:
                    took = time.monotonic() - began
                    print(*line(outcome), f"{took:.0f} s", sep=" | ", flush=True)  # noqa: T201
    return made


def main() -> int:
    found = {one.number: one for one in all_rows()}
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rows", help="their numbers, with commas; all of them by default")
    parser.add_argument("--seed", type=int, help="replays what chance decided (it is printed)")
    parser.add_argument("--kills", type=int, default=KILLS, help="faults of a row that has many")
    parser.add_argument("--database", choices=[*BOTH, "both"], default="both")
    parser.add_argument("--long", action="store_true", help="faults last as long as real ones")
    parser.add_argument(
        "--list",
        action="store_true",
        help="say what rows there are, and what holds each line of the fault matrix",
    )
    parser.add_argument("--write", type=Path, help="the file for the outcome of a single row")
    parser.add_argument("--into", type=Path, help="the long run: the folder of its outcomes")
    parser.add_argument("--jobs", type=int, default=2, help="parts of it side by side; 0: none")
    given = parser.parse_args()
    if given.list:
        for one in found.values():
            print(one.number, one.title, sep="\t")  # noqa: T201
        print("\nThe fault matrix, and what holds each of its lines:")  # noqa: T201
        print(*(line.said() for line in MATRIX), sep="\n")  # noqa: T201
        return 0
    numbers = given.rows.split(",") if given.rows else list(found)
    seed = given.seed if given.seed is not None else random.randrange(1_000_000)
    chosen = [found[number] for number in numbers]
    kinds = BOTH if given.database == "both" else (given.database,)
    if given.into is not None:
        parts = long_run.parts(chosen, kinds)
        asyncio.run(long_run.run(parts, given.into, seed, given.jobs))
        text, well = long_run.summary(parts, given.into)
        print(text)  # noqa: T201
        return int(not well)
    print(f"seed {seed}", flush=True)  # noqa: T201
    made = asyncio.run(run(chosen, kinds, Budget(given.kills, given.long), seed))
    if given.write is not None:
        outcomes.write(made[0], given.write)
    print(table(made))  # noqa: T201
    return int(any(one.misses() or one.overdue() for one in made))


if __name__ == "__main__":
    sys.exit(main())
