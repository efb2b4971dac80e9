"""The table: a line for each row and kind of database, and below it what people were told."""

from collections.abc import Sequence

from tests.faults.row import Outcome

_HEAD = (
    "row", "database", "fault", "faults", "in", "out", "lost", "twice", "silent", "unknown",
    "failed", "recovered", "others", "",
)  # fmt: skip


def line(outcome: Outcome) -> tuple[str, ...]:
    balance = outcome.balance
    return (
        outcome.row.number,
        outcome.kind,
        outcome.row.title,
        str(outcome.faults),
        str(balance.given),
        str(balance.written),
        str(len(balance.lost)),
        str(len(balance.twice)),
        str(len(balance.silent)),
        f"{len(balance.unknown)} ({balance.arrived} arrived)" if balance.unknown else "0",
        str(len(balance.failed)),
        f"{outcome.recovered:.1f} s",
        f"{outcome.slowed:.1f} s" if outcome.row.spared else "-",
        "; ".join(verdict(outcome)),
    )


def verdict(outcome: Outcome) -> list[str]:
    """What is broken, apart from what was only slow."""
    broken = [f"BROKEN {one}" for one in outcome.misses()]
    return [*broken, *(f"slow: {one}" for one in outcome.overdue())] or ["ok"]


def table(outcomes: Sequence[Outcome]) -> str:
    """As Markdown."""
    rows = [_HEAD, tuple("-" * 3 for _ in _HEAD), *map(line, outcomes)]
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    told = [
        f"- {one.row.number} {one.kind}, seed {one.seed}: " + " · ".join(one.told or ["nothing"])
        for one in outcomes
    ]
    return "\n".join([*lines, "", "What people were told:", *told])
