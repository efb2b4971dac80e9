"""Where rows stand in a list that is under the agent's hand (R47)."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar


class Row(Protocol):
    """A row of a list that is under a hand: of tasks, of deliveries."""

    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Row)


def unsorted(before: Sequence[int], rows: Sequence[R], free: Collection[int]) -> list[R]:
    """``rows``, which are sorted, in the order in which they stood ``before``.

    New ones, and those that the agent has changed (``free``), stand behind the row that precedes
    them in the sorted list, of the rows that nothing has moved there.
    """
    known = {row.id: row for row in rows}
    kept = [one for one in before if one in known and one not in free]
    here = set(kept)
    unmoved = in_order([row.id for row in rows if row.id in here], kept)
    behind: dict[int | None, list[R]] = {}
    last: int | None = None
    for row in rows:
        if row.id not in here:
            behind.setdefault(last, []).append(row)
        elif row.id in unmoved:
            last = row.id
    found = list(behind.get(None, ()))
    for one in kept:
        found += [known[one], *behind.get(one, ())]
    return found


def in_order(ids: Sequence[int], order: Sequence[int]) -> set[int]:
    """As many of ``ids`` as can be that stand in each other's order in ``order``, too."""
    place = {one: n for n, one in enumerate(order)}
    # By length, the chain of that length whose last place is the smallest.
    ends: list[int] = []
    chain_end: list[int] = []
    before: dict[int, int | None] = {}
    for one in ids:
        at = bisect_left(ends, place[one])
        before[one] = chain_end[at - 1] if at else None
        ends[at : at + 1] = [place[one]]
        chain_end[at : at + 1] = [one]
    found: set[int] = set()
    last = chain_end[-1] if chain_end else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found
