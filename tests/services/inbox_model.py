"""RULES.md as a few dictionaries: chats, tasks and merges (R4-R7, R32, R33)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

REOPENS_FOR = timedelta(days=14)


@dataclass
class ModelTask:
    """A row of the list, or one that was merged away."""

    active: bool = True
    deleted: bool = False
    closed_at: datetime | None = None
    merged_into: int | None = None
    # Chats bound to it, by name; a messenger's is its user, a mail thread's its first message.
    chats: set[str] = field(default_factory=set)


@dataclass
class ModelMerge:
    """What was merged into what after which comment, and the chats that leave with it."""

    survivor: int
    mark: int
    chats: set[str]


@dataclass
class ModelComment:
    """Who wrote it where, and by which chats it went."""

    origin: int
    outgoing: bool = False
    chats: frozenset[str] = frozenset()


class Model:
    """What the rules say the store must hold."""

    def __init__(self) -> None:
        self.tasks: dict[int, ModelTask] = {}
        self.merges: dict[int, ModelMerge] = {}
        self.comments: dict[int, ModelComment] = {}

    def root(self, task: int) -> int:
        while (into := self.tasks[task].merged_into) is not None:
            task = into
        return task

    def tree(self, root: int) -> list[int]:
        return [task for task in self.tasks if self.root(task) == root]

    def below(self, task: int) -> set[int]:
        """The task and all that was merged into it, it being merged itself or not."""
        found = {task}
        while more := {
            one for one, t in self.tasks.items() if t.merged_into in found and one not in found
        }:
            found |= more
        return found

    def roots(self, *, living: bool | None = None) -> list[int]:
        return [
            task
            for task, t in sorted(self.tasks.items())
            if t.merged_into is None and (living is None or t.deleted is not living)
        ]

    def merged(self) -> list[int]:
        return [task for task, t in sorted(self.tasks.items()) if t.merged_into is not None]

    def open(self, root: int) -> bool:
        return self.tasks[root].active and not self.tasks[root].deleted

    def chats(self, tasks: list[int] | set[int]) -> set[str]:
        return {chat for task in tasks for chat in self.tasks[task].chats}

    def open_with(self, chat: str, *, but: set[int] | None = None) -> list[int]:
        """The open roots that have a chat, not counting what hangs on the tasks in ``but``."""
        return [
            root
            for root in self.roots(living=True)
            if self.open(root)
            and chat in self.chats([t for t in self.tree(root) if t not in (but or ())])
        ]

    def lands(self, chat: str, current: int | None, now: datetime, *, mail: bool) -> int | None:
        """Where a chat's next message lands; None: in a new task. ``current``: who had it last."""
        if found := self.open_with(chat):
            return found[0]
        if not mail or current is None:
            return None
        last = self.tasks[self.root(current)]
        closed = last.closed_at
        if last.deleted or closed is None or now - closed >= REOPENS_FOR:
            return None
        return self.root(current) if self.may_open(self.root(current)) else None

    def may_open(self, root: int) -> bool:
        """R4: no other open task has a chat of this one."""
        return all(set(self.open_with(c)) <= {root} for c in self.chats(self.tree(root)))

    def may_merge(self, survivor: int, other: int) -> bool:
        if survivor == other or self.tasks[survivor].deleted or self.tasks[other].deleted:
            return False
        chats = self.chats(self.tree(survivor)) | self.chats(self.tree(other))
        both = {survivor, other}
        return not self.open(survivor) or all(set(self.open_with(c)) <= both for c in chats)

    def merge(self, survivor: int, other: int, current: dict[str, int]) -> None:
        mine, theirs = self.chats(self.tree(survivor)), self.chats(self.tree(other))
        leaves = {
            chat
            for chat in theirs
            if chat not in mine or (chat in current and self.root(current[chat]) == other)
        }
        self.merges[other] = ModelMerge(survivor, max(self.comments, default=0), leaves)
        self.tasks[other].merged_into = survivor

    def may_unmerge(self, task: int) -> bool:
        if not self.open(task):
            return True
        leaving = self.below(task)
        return not any(self.open_with(chat, but=leaving) for chat in self.chats(leaving))

    def goes(self, comment: ModelComment, comment_id: int, task: int) -> bool:
        """R33: its own, and what an agent wrote since that went by its chats only."""
        if comment.origin in self.below(task):
            return True
        if not comment.outgoing or not comment.chats <= self.merges[task].chats:
            return False
        return bool(comment.chats) and comment_id > self._together(comment.origin, task)

    def _together(self, one: int, other: int) -> int:
        def way(task: int) -> set[int]:
            found = set()
            while task in self.merges:
                found.add(task)
                task = self.merges[task].survivor
            return found

        return max((self.merges[i].mark for i in way(one) ^ way(other)), default=0)

    def unmerge(self, task: int) -> None:
        del self.merges[task]
        self.tasks[task].merged_into = None
