"""Where the cursor of a list goes by itself: off a task that the agent is done with, and back."""

from collections.abc import Iterable, Sequence


class Steps:
    """The steps that the cursor made by itself, as long as the agent has not moved it since."""

    def __init__(self) -> None:
        # The task under the cursor, where the agent's own action has taken it away or moved it.
        self.done: int | None = None
        # No key came since the start: the first row is the first one of the complete list,
        # not the first that happened to be stored.
        self.starting = True
        # The agent is in the list, not inside its task.
        self.allowed = True
        # Tasks whose change was taken back.
        self._undone: set[int] = set()
        # By the task that the cursor came to, the one that it stepped off.
        self._came_from: dict[int, int] = {}

    def act(self, ids: Iterable[int]) -> None:
        """The agent has changed these tasks, perhaps once more after taking a change back."""
        self._undone.difference_update(ids)

    def undo(self, cursor: int | None, task_id: int) -> bool:
        """A change of the task is taken back: whether the cursor goes back to it, too."""
        self._undone.add(task_id)
        return self.lead_back(cursor, task_id)

    def lead_back(self, cursor: int | None, task_id: int) -> bool:
        """Whether the cursor has come from the task, by one step or several."""
        passed: set[int] = set()
        while cursor is not None and cursor != task_id and cursor not in passed:
            passed.add(cursor)
            cursor = self._came_from.get(cursor)
        return bool(passed) and cursor == task_id

    def target(self, cursor: int | None, ids: Sequence[int]) -> int | None:
        """The place among ``ids`` that the cursor is to step to, None where it stays."""
        if not self.allowed or cursor is None or cursor not in ids:
            return None
        if self.done == cursor and cursor not in self._undone and len(ids) > 1:
            at = ids.index(cursor)
            return at + 1 if at + 1 < len(ids) else at - 1
        before = self._came_from.get(cursor)
        return ids.index(before) if before in self._undone and before in ids else None

    def made(self, cursor: int, to: int) -> None:
        """The cursor has made the step that was its target."""
        self._undone.discard(to)
        if self.done == cursor:
            self._came_from[to] = cursor
            self.done = None
        else:
            del self._came_from[cursor]

    def moved(self) -> None:
        """The agent has moved the cursor: nothing leads back."""
        self._undone.clear()
        self._came_from.clear()
