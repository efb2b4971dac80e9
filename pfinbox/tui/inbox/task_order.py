"""Where the task under the cursor stands in its list (R47)."""

from collections.abc import Sequence

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
