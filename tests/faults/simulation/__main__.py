"""Histories by the thousand, or one again: ``python -m tests.faults.simulation --help``."""

import argparse
import contextlib
import logging
import sys
import time

from tests.faults.simulation import campaign
from tests.faults.simulation.history import History
from tests.faults.simulation.loop import PROCESS
from tests.faults.simulation.planted import PLANTED


class _Telling(logging.Handler):
    """What the program logs, in the history's own time."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history

    def emit(self, record: logging.LogRecord) -> None:
        process = PROCESS.get(self._history.loop.world)
        cause = f" ({record.exc_info[1]!r})" if record.exc_info else ""
        self._history.say(f"  {process.name}: {record.getMessage()}{cause}")


def say(*lines: object) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def replay(seed: int, bug: str | None) -> int:
    """One history as it went, with all that its processes logged."""
    with campaign.template() as made:
        history = History(made, seed)
        program = logging.getLogger("pfinbox")
        program.setLevel(logging.INFO)
        program.propagate = False
        program.addHandler(_Telling(history))
        with PLANTED[bug]() if bug is not None else contextlib.nullcontext():
            history.run()
    say(history.plan, *history.told)
    return _said(history)


def _said(history: History) -> int:
    for violation in history.violations:
        say(f"seed {history.seed}: {violation}")
    return 1 if history.violations else 0


def many(first: int, count: int, seconds: float, jobs: int) -> int:
    began, lived, broken = time.monotonic(), 0, 0
    for number, found in campaign.many(first, count, seconds, jobs):
        lived += number
        for one in found:
            broken += 1
            say(f"seed {one.seed}: {'; '.join(one.violations)}")
    minutes = (time.monotonic() - began) / 60
    say(f"{lived} histories from seed {first}, {lived / minutes:.0f} a minute, {broken} broken")
    return 1 if broken else 0


def find_all(first: int, most: int) -> int:
    """How many histories it takes to find each planted fault."""
    missed = 0
    with campaign.template() as made:
        for bug in PLANTED:
            found = campaign.until_found(made, bug, range(first, first + most))
            missed += found is None
            say(f"{bug}: {found or f'not in {most}'}")
    return 1 if missed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.simulation")
    parser.add_argument("--seed", type=int, help="live through this one, and print it")
    parser.add_argument("--bug", choices=sorted(PLANTED), help="with this fault planted")
    parser.add_argument("--planted", action="store_true", help="how soon each planted one is found")
    parser.add_argument(
        "--first", type=int, default=None, help="the first seed; default: a new one"
    )
    parser.add_argument(
        "--count", type=int, help="how many; default: 1000, with --seconds as many as fit"
    )
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    if given.seed is not None:
        return replay(given.seed, given.bug)
    first = given.first if given.first is not None else int(time.time()) * 1000
    if given.planted:
        return find_all(first, given.count or 1000)
    count = given.count or (1000 if given.seconds == float("inf") else sys.maxsize - first)
    return many(first, count, given.seconds, given.jobs)


if __name__ == "__main__":
    sys.exit(main())
