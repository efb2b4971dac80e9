"""One text to many tasks: which of them it reaches, by what, and which it does not."""

from collections import Counter
from collections.abc import Sequence

from pfinbox.record import record


@record
class BulkRow:
    """One task of a bulk reply, with the client that the reply would go to."""

    task_id: int
    title: str = ""
    name: str = ""
    contact_id: int | None = None
    # By what it would go; several where the task has several ways (R16, R30).
    channels: tuple[str, ...] = ()
    # The last comment when the agent began to write: newer ones keep the reply back.
    seen: int = 0
    # Why it cannot go out, in the reader's language; "" when it can.
    why: str = ""
    # What the agent should know before sending (R15, R25, R32).
    warnings: tuple[str, ...] = ()
    # An earlier, broken run of the same reply has reached it already.
    has_it: bool = False
    # Whoever joined by an invitation for the client, on another card (R30).
    also: tuple[int, ...] = ()

    @property
    def goes(self) -> bool:
        return not self.why and not self.has_it


def ways(rows: Sequence[BulkRow]) -> list[tuple[tuple[str, ...], int]]:
    """How many tasks are reached by which channels, most first; each task counts once."""
    found = Counter(row.channels for row in rows if row.goes)
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))
