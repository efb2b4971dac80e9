"""What imported comments wait for: the mails that they answer and that are not here yet."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from pfinbox.record import record


@record
class Awaiting:
    """A comment waits for the mail that it answers; the lower the rank, the more specific."""

    comment_id: int
    rank: int
    incoming: bool
    # The root task of our own side's mails alone, which waits with it for the client's.
    note_of: int | None = None


@dataclass(slots=True)
class Awaited:
    """Which comments wait for which source ids."""

    _waiting: dict[str, list[Awaiting]] = field(default_factory=dict)
    # By comment, the rank of what it answers: for that and anything less specific it waits no more.
    _answered: dict[int, int] = field(default_factory=dict)
    # Comments whose task has a chat by now.
    _adopted: set[int] = field(default_factory=set)

    def add(self, source_id: str, one: Awaiting) -> None:
        self._waiting.setdefault(source_id, []).append(one)

    def of(self, source_id: str) -> list[Awaiting]:
        """What waits for this id."""
        return [
            replace(one, note_of=None) if one.comment_id in self._adopted else one
            for one in self._waiting.get(source_id, ())
            if one.comment_id not in self._answered or one.rank < self._answered[one.comment_id]
        ]

    def answered(self, comment_id: int, rank: int) -> None:
        """What the comment awaits at this rank is here."""
        self._answered[comment_id] = min(rank, self._answered.get(comment_id, rank))

    def adopted(self, comment_ids: Collection[int]) -> None:
        """The task of these comments has a chat now."""
        self._adopted.update(comment_ids)
