"""Run the rows and print their table: ``python -m tests.faults``; exit code 1 when one misses."""

import argparse
import asyncio
import importlib
import pkgutil
import random
import sys
import time
from collections.abc import Sequence

from tests.faults import rows
from tests.faults.report import line, table
from tests.faults.row import BOTH, ROWS, Budget, Outcome, Row, carried_out
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
    outcomes = []
    async with running(kinds) as servers:
        for one in chosen:
            for kind in filter(one.kinds.__contains__, kinds):
                began = time.monotonic()
                name = f"{seed}/{one.number}/{kind}"
                async with a_world(servers, kind, name, door=one.door, disk=one.disk) as world:
                    outcome = await carried_out(one, world, budget, name)
                outcomes.append(outcome)
                if say:
                    took = time.monotonic() - began
                    print(*line(outcome), f"{took:.0f} s", sep=" | ", flush=True)  # noqa: T201
    return outcomes


def main() -> int:
    found = {one.number: one for one in all_rows()}
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rows", help="their numbers, with commas; all of them by default")
    parser.add_argument("--seed", type=int, help="replays what chance decided (it is printed)")
    parser.add_argument("--kills", type=int, default=40, help="faults of a row that has many")
    parser.add_argument("--database", choices=[*BOTH, "both"], default="both")
    parser.add_argument("--long", action="store_true", help="faults last as long as real ones")
    parser.add_argument("--list", action="store_true", help="say what rows there are")
    given = parser.parse_args()
    if given.list:
        for one in found.values():
            print(one.number, one.title, sep="\t")  # noqa: T201
        return 0
    numbers = given.rows.split(",") if given.rows else list(found)
    seed = given.seed if given.seed is not None else random.randrange(1_000_000)
    print(f"seed {seed}", flush=True)  # noqa: T201
    kinds = BOTH if given.database == "both" else (given.database,)
    budget = Budget(given.kills, given.long)
    outcomes = asyncio.run(run([found[number] for number in numbers], kinds, budget, seed))
    print(table(outcomes))  # noqa: T201
    return int(any(one.misses() for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
