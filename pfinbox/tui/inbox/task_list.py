"""The task list: a window on SQL. It holds the pages read so far and draws what is visible.

The cursor belongs to a task, not to a line (R47): when rows come and go above it, the view scrolls
along so that the task under the cursor stays where it is on the screen. And the task keeps its
neighbours: answered, it would have another place in the list, or none; it goes there when the
cursor has moved on and no key waits, so that the next line is the one that the agent sees below.
Where the agent's own action has taken the task away or moved it, the cursor steps to the one below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message

from pfinbox.store.rows import TaskRow
from pfinbox.tui.inbox.task_cursor import TaskCursor
from pfinbox.tui.inbox.task_order import in_place, moves
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets.list_order import unsorted
from pfinbox.wording.times import Clock


class TaskList(TaskCursor, can_focus=True):
    """Rows of one view, newest page last; ``more`` says that further pages wait in the store."""

    @dataclass
    class Opened(Message):
        """The agent wants to work on this task."""

        task_id: int

    def __init__(self, agent_id: int, **kwargs: Any) -> None:
        super().__init__(agent_id, **kwargs)
        # The tasks in the order of the store; one that the cursor was on is held where it was.
        self._order: list[int] = []
        # The same sorted, where others have moved rows under the agent's hand.
        self._sorted: list[int] = []
        self._held: int | None = None

    def show(
        self,
        rows: list[TaskRow],
        more: bool,
        clock: Clock,
        *,
        fresh: bool = False,
        at: int | None = None,
        from_end: bool = False,
        own: frozenset[int] = frozenset(),
    ) -> None:
        """Replace the rows; ``fresh`` for another view or search: the cursor starts at the top,
        or on the task ``at``.

        ``from_end``: these are the last rows of the view, and ``more`` come before them.
        ``own``: the tasks that the agent has changed since the rows were read last.
        """
        self._sorted = [one.id for one in rows]
        above, turned, self.waiting = self._above, from_end != self.from_end, False
        # Not ``current``: the cursor stands on a row also while others are awaited.
        index = self.index
        row = None if index is None else self.rows[index]
        self.clock, self.more, self.from_end = clock, more, from_end
        if turned and not fresh:
            # To the other end of a long view: nothing of what was on the screen is there.
            self._set_rows(rows)
            self.keep_marks(self.marked & {row.id for row in rows})
            self._resize()
            self.move_to_end(last=from_end)
            self.refresh()
            return
        if self.steps.starting and any(one.id == self.cursor for one in rows[1:]):
            fresh = True
        if fresh:
            self.unmark()
            self._set_rows(rows)
            self._resize()
            self.scroll_to(y=0, animate=False, immediate=True)
            self._keep_new(set())
            self._move(next((n for n, one in enumerate(rows) if one.id == at), 0))
            self.refresh()
            return
        anchors, before, held = self._anchors(), [one.id for one in self.rows], self._held
        seen_above = set(before[: self._first])
        if self.steps.done is not None:
            own |= {self.steps.done}
        if self.steps.allowed:
            # Under a hand no row moves that others have moved.
            rows = unsorted(self._order, rows, own)
        self._set_rows(rows)
        if row is not None and index is not None:
            # Nothing jumps under the cursor: the task stays until the cursor moves on.
            now = next((one for one in rows if one.id == row.id), None)
            self._gone = row.id if now is None else None
            if now is None or held == row.id or moves(row, now):
                self.rows = in_place(before, index, now or row, rows)
                self._held = row.id
            if row.id in own and [one.id for one in self.rows] != self._order:
                self.steps.done = row.id
        # What the agent no longer sees, a command must not touch.
        self.keep_marks(self.marked & {row.id for row in self.rows if row.id != self._gone})
        at = self.index
        self._resize()
        if at is None:
            self._move(0)
        else:
            self._hold_still(anchors, above)
            # Of a list read from its end, what stands above may only not have been read before.
            first = 0 if from_end else self._first
            unseen = {one.id for one in self.rows[:first]} - seen_above - own
            self._keep_new(self.new_above | unseen - {self.cursor})
        self.refresh()

    def _set_rows(self, rows: Sequence[TaskRow]) -> None:
        self.rows, self._order = list(rows), [row.id for row in rows]
        self._gone = self._held = self.steps.done = None

    def _anchors(self) -> list[tuple[int, int]]:
        """What must not move, as task and line: the cursor where it is in sight, else what is."""
        first = self._first
        last = first + max(self.size.height // self.row_height, 1)
        seen = [(row.id, n) for n, row in enumerate(self.rows[first:last], first)]
        at = self.index
        if at is not None and first <= at < last and self.cursor is not None:
            seen.insert(0, (self.cursor, at))
        return seen

    def _hold_still(self, anchors: list[tuple[int, int]], above: int) -> None:
        """Scroll so that the first of them that is still there stands where it stood."""
        now = {row.id: n for n, row in enumerate(self.rows)}
        for task_id, line in anchors:
            if task_id in now:
                self._scroll_along(now[task_id] + self._above - line - above)
                return

    def _scroll_along(self, rows: int) -> None:
        """So many rows came in before those on the screen: they stay where they are."""
        if rows:
            y = self.scroll_offset.y + rows * self.row_height
            # Also where all rows had room until now, and there was nothing to scroll.
            self.scroll_to(y=y, animate=False, immediate=True, force=True)

    def leave(self) -> None:
        """The agent is inside a task: what others have moved goes to its place."""
        held, place = self._held, {one: n for n, one in enumerate(self._sorted)}
        if self._sorted in ([], self._order) or held is not None:
            return
        anchors, above = self._anchors(), self._above
        rows = sorted(self.rows, key=lambda row: place.get(row.id, len(place)))
        gone = self._gone
        self._set_rows(rows)
        self._gone = gone
        self._hold_still(anchors, above)
        self.refresh()

    def add(self, rows: tuple[TaskRow, ...], more: bool) -> None:
        """A further page; rows that moved down meanwhile are not shown twice."""
        known = {row.id for row in self.rows}
        new = [row for row in rows if row.id not in known]
        above = self._above
        self.rows = [*new, *self.rows] if self.from_end else [*self.rows, *new]
        ids = [row.id for row in new]
        self._order = [*ids, *self._order] if self.from_end else [*self._order, *ids]
        self._sorted = [*ids, *self._sorted] if self.from_end else [*self._sorted, *ids]
        self.more = more
        self._resize()
        if self.from_end:
            self._scroll_along(len(new) + self._above - above)
        self.refresh()
        self._want_more()

    def set_total(self, total: int | None) -> None:
        """How many tasks the view holds; at most the store's cap, None while it is not known."""
        above, self.total = self._above, total
        self._resize()
        self._scroll_along(self._above - above)

    def put(self, row: TaskRow) -> None:
        """A task seen elsewhere in a newer state."""
        for n, old in enumerate(self.rows):
            if old.id == row.id:
                if old.id == self.cursor and moves(old, row):
                    self._held = old.id
                if old != row:
                    self.rows[n] = row
                    self._paint_again(row.id)

    def catch_up(self) -> None:
        """The cursor steps off a task that is done with; the task left goes where it belongs.

        Only when no key waits: keys typed in one burst are for the lines that the agent saw.
        """
        here, ids = self.cursor, [row.id for row in self.rows]
        to = self.steps.target(here, ids)
        if here is not None and to is not None:
            self.steps.made(here, ids[to])
            self._go(to)
            return
        if self._held is None or self._held == self.cursor:
            return
        anchors, above = self._anchors(), self._above
        held = {row.id: row for row in self.rows}
        self._set_rows([held[one] for one in self._order if one in held])
        self._resize()
        self._hold_still(anchors, above)
        self.refresh()

    # --- mouse ----------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        # The task that was drawn there; by now another one may be in its line.
        task_id = event.style.meta.get("task")
        if self.waiting or task_id not in [row.id for row in self.rows]:
            return
        self.move_to(task_id)
        if self.cursor == task_id:
            if event.shift:
                self.mark_range()
            elif event.ctrl and self.cursor is not None:
                self._marked_last = self.cursor
                self.keep_marks(self.marked ^ {self.cursor})
            elif event.chain > 1 and self.cursor is not None:
                post_message(self, self.Opened(self.cursor))
