"""What was merged into what, and what each merge changed, so that it can be undone in any order."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from pfinbox.record import record


@record
class Change:
    """One value that a merge changed: which row and column, what was there, what it set."""

    table: str
    row: int
    column: str
    was: Any
    now: Any

    @property
    def place(self) -> tuple[str, int, str]:
        return (self.table, self.row, self.column)


@record
class Merge:
    """A merge that stands, and what was before it; ``mark``: the highest comment at that moment."""

    id: int
    other_id: int
    survivor_id: int
    at: datetime
    mark: int
    changes: tuple[Change, ...] = ()
    # Of tasks: the chats that leave with the other task.
    chats: frozenset[int] = frozenset()
    # When the survivor was active last, before this merge and before its first one.
    active_at: datetime | None = None
    own_active_at: datetime | None = None
    # The survivor's newest comment that was new for every agent.
    notable: int = 0
    # The agents' read marks of the survivor as the merge left them.
    read: Mapping[int, int] = field(default_factory=dict)
    # The participants that the merge made of the other's clients.
    guests: tuple[int, ...] = ()
    # Of cards: the survivor's main addresses.
    mains: tuple[int, ...] = ()


class Tree:
    """A root with everything merged into it, by the merges that stand."""

    def __init__(self, root_id: int, merges: Iterable[Merge]) -> None:
        self.root_id = root_id
        self._up = {merge.other_id: merge for merge in sorted(merges, key=lambda one: one.id)}

    @property
    def ids(self) -> frozenset[int]:
        return frozenset((self.root_id, *self._up))

    def merge_of(self, node: int) -> Merge:
        """The merge that put ``node`` into its survivor."""
        return self._up[node]

    def after(self, merge_id: int) -> list[Merge]:
        """The later merges, oldest first."""
        return [merge for merge in self._up.values() if merge.id > merge_id]

    def into(self, survivor_id: int) -> list[Merge]:
        """The merges into one member, oldest first."""
        return [merge for merge in self._up.values() if merge.survivor_id == survivor_id]

    def way_up(self, node: int) -> list[Merge]:
        """The merges from ``node`` to the root, its own first."""
        found = []
        while node in self._up:
            found.append(self._up[node])
            node = self._up[node].survivor_id
        return found

    def below(self, node: int) -> frozenset[int]:
        """``node`` with everything merged into it."""
        return frozenset(
            one
            for one in self.ids
            if one == node or node in {merge.survivor_id for merge in self.way_up(one)}
        )

    def together_since(self, one: int, other: int) -> int:
        """The comment id after which two of its members were one conversation."""
        mine, theirs = self.way_up(one), self.way_up(other)
        apart = [merge for merge in mine if merge not in theirs]
        apart += [merge for merge in theirs if merge not in mine]
        return max((merge.mark for merge in apart), default=0)
