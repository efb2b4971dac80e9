"""Where tasks stand in a list that is under the agent's hand (R47)."""

from bisect import bisect_left
from collections.abc import Collection, Sequence

from pfinbox.store.rows import TaskRow


def moves(before: TaskRow, now: TaskRow) -> bool:
    """Whether what the lists are sorted by has changed."""
    return (before.last_activity_at, before.waiting_since) != (
        now.last_activity_at,
        now.waiting_since,
    )


def in_place(
    before: Sequence[int], index: int, row: TaskRow, rows: Sequence[TaskRow]
) -> list[TaskRow]:
    """``rows`` with ``row`` between those that it stood between: at ``index`` of ``before``.

    Of all places the one that the fewest rows have changed sides of; its own if that is as good.
    """
    rest = [one for one in rows if one.id != row.id]
    above, below = set(before[:index]), set(before[index + 1 :])
    own = next((n for n, one in enumerate(rows) if one.id == row.id), None)
    cost = sum(one.id in above for one in rest)
    costs = [cost]
    for one in rest:
        cost += (one.id in below) - (one.id in above)
        costs.append(cost)
    least = min(costs)
    at = own if own is not None and costs[own] == least else costs.index(least)
    return [*rest[:at], row, *rest[at:]]


def unsorted(
    before: Sequence[int], rows: Sequence[TaskRow], free: Collection[int]
) -> list[TaskRow]:
    """``rows``, which are sorted, in the order in which they stood ``before``.

    New ones, and those that the agent has changed (``free``), stand behind the row that precedes
    them in the sorted list, of the rows that nothing has moved there.
    """
    known = {row.id: row for row in rows}
    kept = [one for one in before if one in known and one not in free]
    here = set(kept)
    unmoved = in_order([row.id for row in rows if row.id in here], kept)
    behind: dict[int | None, list[TaskRow]] = {}
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
