"""Where the agent is among the tasks of a list, and which of them are marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from textual.message import Message

from pfinbox.store.rows import TaskRow
from pfinbox.tui.inbox.drawn_tasks import AHEAD, DrawnTasks
from pfinbox.tui.inbox.steps import Steps
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message


class TaskCursor(DrawnTasks):
    """The cursor belongs to a task: what comes in above moves the view, not the cursor (R47)."""

    @dataclass
    class Marked(Message, namespace="task_list"):
        """So many tasks are marked now."""

        count: int

    class NewAbove(Message, namespace="task_list"):
        """Other tasks than before have come in above those on the screen."""

    class MoreWanted(Message, namespace="task_list"):
        """The end of what was read is near, or its beginning where it was read from the end."""

    def __init__(self, agent_id: int, **kwargs: Any) -> None:
        super().__init__(agent_id, **kwargs)
        self.steps = Steps()
        # Tasks that came in above those on the screen, until the agent sees them.
        self.new_above: set[int] = set()
        # Rows of another view or search were asked for: those here are no longer meant.
        self.waiting = False
        self._marked_last: int | None = None

    def catch_up(self) -> None:
        """No key waits: rows may go where they belong."""

    @property
    def current(self) -> TaskRow | None:
        index = self.index
        return None if index is None or self.waiting else self.rows[index]

    @property
    def _first(self) -> int:
        """The place of the first row on the screen."""
        return max(self.scroll_offset.y // self.row_height - self._above, 0)

    def move(self, step: int) -> None:
        """Move the cursor by so many tasks."""
        index = self.index
        if self.rows:
            self._move((0 if index is None else index) + step)

    def move_to_end(self, *, last: bool) -> None:
        self._move(len(self.rows) - 1 if last else 0)

    def page(self, direction: int) -> None:
        self.move(direction * max(self.size.height // self.row_height - 1, 1))

    def move_to(self, task_id: int) -> None:
        for n, row in enumerate(self.rows):
            if row.id == task_id:
                self._move(n)

    def next_unread(self, direction: int) -> bool:
        """Go to the nearest unread task in that direction; False where there is none."""
        start = self.index if self.index is not None else -1
        steps = range(start + 1, len(self.rows)) if direction > 0 else range(start - 1, -1, -1)
        for n in steps:
            if self.rows[n].unread:
                self._move(n)
                return True
        return False

    def next_to_answer(self, task_id: int) -> int | None:
        """The nearest task below this one whose client waits, else the first one above it."""
        ids = [row.id for row in self.rows]
        at = ids.index(task_id) if task_id in ids else -1
        others = (*self.rows[at + 1 :], *self.rows[: max(at, 0)])
        waiting = (row.id for row in others if row.waiting_since and row.id != self._gone)
        return next(waiting, None)

    def _move(self, index: int) -> None:
        self.steps.moved()
        self._go(index)

    def _go(self, index: int) -> None:
        index = max(0, min(index, len(self.rows) - 1))
        self.cursor = self.rows[index].id if self.rows else None
        if not context(self).keys_waiting:
            self.catch_up()
        if (at := self.index) is not None:
            self._reveal(at)
            self._want_more()

    def _reveal(self, index: int) -> None:
        top, height = (self._above + index) * self.row_height, self.size.height
        y = self.scroll_offset.y
        if top < y:
            y = top
        elif height and top + self.row_height > y + height:
            y = top + self.row_height - height
        self.scroll_to(y=y, animate=False, immediate=True)

    def on_resize(self) -> None:
        self._painted.clear()
        self._resize()
        if (at := self.index) is not None:
            self._reveal(at)

    def _want_more(self) -> None:
        """Ask for further rows where the screen, or the cursor, comes near to them."""
        if not self.more or not self.rows:
            return
        first = self.scroll_offset.y // self.row_height - self._above
        last = first + self.size.height // self.row_height
        at = self.index if self.index is not None else first
        near = min(first, at) < AHEAD if self.from_end else max(last, at) >= len(self.rows) - AHEAD
        if near:
            post_message(self, self.MoreWanted())

    def _keep_new(self, ids: set[int]) -> None:
        """Of these tasks those that are above the screen are new there."""
        new = ids & {row.id for row in self.rows[: self._first]} if ids else ids
        if new != self.new_above:
            self.new_above = new
            post_message(self, self.NewAbove())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if old_value != new_value:
            self._want_more()
            self._keep_new(self.new_above)

    # --- marks ----------------------------------------------------------------------------------

    @property
    def chosen(self) -> list[TaskRow]:
        """The marked tasks, as the list has them; without marks the one under the cursor."""
        rows = [] if self.waiting else [row for row in self.rows if row.id in self.marked]
        if not rows and (current := self.current) is not None:
            rows = [current]
        return rows

    def mark(self) -> None:
        """Mark the task under the cursor, or take its mark away; the cursor goes on."""
        if self.cursor is not None:
            self._marked_last = self.cursor
            self.keep_marks(self.marked ^ {self.cursor})
            self.move(1)

    def mark_range(self) -> None:
        """Mark everything from the task marked last, else from the top, to the cursor."""
        here = self.index
        if here is None:
            return
        ids = [row.id for row in self.rows]
        start = ids.index(self._marked_last) if self._marked_last in ids else 0
        first, last = sorted((start, here))
        self._marked_last = self.cursor
        self.keep_marks(self.marked | set(ids[first : last + 1]))

    def mark_all(self) -> None:
        """Mark every task that is in the list."""
        self.keep_marks(row.id for row in self.rows if row.id != self._gone)

    def unmark(self) -> None:
        self._marked_last = None
        self.keep_marks(())

    def keep_marks(self, ids: Iterable[int]) -> None:
        kept = set(ids) if not isinstance(ids, set) else ids
        if kept != self.marked:
            self.marked = kept
            self.refresh()
            post_message(self, self.Marked(len(kept)))
