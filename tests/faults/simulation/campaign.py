"""Many histories: one after the other, or in several processes until a number or a time is over."""

import contextlib
import logging
import multiprocessing
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace

from tests.faults.simulation.history import History
from tests.faults.simulation.planted import PLANTED
from tests.faults.simulation.template import Template
from tests.faults.simulation.trouble import Plan

# Histories that a process lives through before it is asked whether time is over.
_CHUNK = 8


@dataclass(frozen=True, slots=True)
class Broken:
    """A seed whose history broke the promise, and how."""

    seed: int
    violations: tuple[str, ...]


@contextlib.contextmanager
def template() -> Iterator[Template]:
    made = Template()
    try:
        yield made
    finally:
        made.close()


def live(made: Template, seed: int, bug: str | None = None, plan: Plan | None = None) -> History:
    """Live through one history; ``bug``: with this fault planted. ``plan``: not the seed's own."""
    history = History(made, seed, plan)
    # What the program logs costs more than what it does, and only a replay shows it.
    logging.disable(logging.CRITICAL)
    try:
        with PLANTED[bug]() if bug is not None else contextlib.nullcontext():
            history.run()
    finally:
        logging.disable(logging.NOTSET)
    return history


def until_found(
    made: Template,
    bug: str,
    seeds: Iterable[int],
    kinds: tuple[str, ...] | None = None,
    seconds: float = 12.0,
) -> int | None:
    """How many of these histories it takes until the planted fault shows; None: all in vain.

    ``kinds``: in histories of two daemons with these kinds of faults alone, and many of them; they
    last for so many ``seconds``.
    """
    for n, seed in enumerate(seeds, start=1):
        plan = Plan.drawn(seed)
        if kinds is not None:
            plan = replace(
                plan,
                kinds=kinds,
                daemons=2,
                seconds=seconds,
                pause=0.8,
                between=seconds / 5,
                moments=0.5,
            )
        if live(made, seed, bug, plan).violations:
            return n
    return None


_made: Template | None = None


def _begin() -> None:
    global _made
    _made = Template()


def _chunk(first: int, count: int) -> tuple[int, list[Broken]]:
    assert _made is not None
    broken = []
    for seed in range(first, first + count):
        try:
            violations = live(_made, seed).violations
        except Exception as error:  # with the seed, or nobody could look for the cause
            violations = [f"the history itself broke: {error!r}"]
        if violations:
            broken.append(Broken(seed, tuple(violations)))
    return count, broken


def many(
    first: int, count: int, seconds: float = float("inf"), jobs: int = 2
) -> Iterator[tuple[int, list[Broken]]]:
    """Live through ``count`` seeds from ``first`` on, or as many as fit; how many, and the broken.

    Yields after every few of them.
    """
    until = time.monotonic() + seconds
    spawn = multiprocessing.get_context("spawn")
    chunks = iter(range(first, first + count, _CHUNK))
    with ProcessPoolExecutor(jobs, mp_context=spawn, initializer=_begin) as pool:
        waiting: set[Future[tuple[int, list[Broken]]]] = set()
        while True:
            while len(waiting) < 2 * jobs and time.monotonic() < until:
                start = next(chunks, None)
                if start is None:
                    break
                waiting.add(pool.submit(_chunk, start, min(_CHUNK, first + count - start)))
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for one in done:
                yield one.result()
