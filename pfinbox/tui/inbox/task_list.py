"""The task list: a window on SQL. It holds the pages read so far and draws what is visible.

The cursor belongs to a task, not to a line (R47): when rows come and go above it, the view scrolls
along so that the task under the cursor stays where it is on the screen. And the task keeps its
neighbours: answered, it would have another place in the list, or none; it goes there when the
cursor has moved on and no key waits, so that the next line is the one that the agent sees below.
Where the agent's own action has taken the task away or moved it, the cursor steps to the one below.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip

from pfinbox.store.rows import TaskRow
from pfinbox.tui.inbox.empty import wrapped
from pfinbox.tui.inbox.presence import Others
from pfinbox.tui.inbox.steps import Steps
from pfinbox.tui.inbox.task_order import in_place, moves
from pfinbox.tui.inbox.task_row import STYLES, WIDE, Look, lines_of
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import paint, safe
from pfinbox.tui.widgets.line_view import LineView
from pfinbox.tui.widgets.list_order import unsorted
from pfinbox.wording.times import Clock

# Further rows are read when the cursor or the screen is so near to them.
AHEAD = 20


class TaskList(LineView, can_focus=True):
    """Rows of one view, newest page last; ``more`` says that further pages wait in the store."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *STYLES,
        "list--cursor",
        "list--blurred",
        "list--marked",
    }

    cursor: var[int | None] = var[int | None](None)

    @dataclass
    class Opened(Message):
        """The agent wants to work on this task."""

        task_id: int

    @dataclass
    class Marked(Message):
        """So many tasks are marked now."""

        count: int

    class NewAbove(Message):
        """Other tasks than before have come in above those on the screen."""

    class MoreWanted(Message):
        """The end of what was read is near, or its beginning where it was read from the end."""

    def __init__(self, agent_id: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.agent_id = agent_id
        self.rows: list[TaskRow] = []
        # Further tasks wait in the store: behind the rows, or before them when these are the last.
        self.more = False
        self.from_end = False
        # How many the view holds, as far as it is known; lets the scrollbar tell the place.
        self.total: int | None = None
        self.clock: Clock | None = None
        # What it says where there are no rows, sentence by sentence.
        self.words: Sequence[str] = ()
        # Tasks chosen one by one, for the next command to work on all of them.
        self.marked: set[int] = set()
        self._marked_last: int | None = None
        self._others: Others = {}
        # A task that has left the view while the cursor stood on it.
        self._gone: int | None = None
        # The tasks in the order of the store; one that the cursor was on is held where it was.
        self._order: list[int] = []
        # The same sorted, where others have moved rows under the agent's hand.
        self._sorted: list[int] = []
        self._held: int | None = None
        self._found_at: int | None = None
        self.steps = Steps()
        # Tasks that came in above those on the screen, until the agent sees them.
        self.new_above: set[int] = set()
        # Rows of another view or search were asked for: those here are no longer meant.
        self.waiting = False
        # What was drawn of a task, with and without the cursor, and in which state of it.
        self._painted: dict[tuple[int, bool], tuple[Any, list[Strip]]] = {}

    # --- what is in it --------------------------------------------------------------------------

    @property
    def row_height(self) -> int:
        return 1 if self.size.width >= WIDE else 2

    @property
    def index(self) -> int | None:
        """The line of the task under the cursor."""
        cursor, rows, at = self.cursor, self.rows, self._found_at
        # Asked several times a key: it stands where it was found before, or is looked for.
        if at is None or at >= len(rows) or rows[at].id != cursor:
            at = self._found_at = self._find(cursor)
        return at

    def _find(self, task_id: int | None) -> int | None:
        return next((n for n, row in enumerate(self.rows) if row.id == task_id), None)

    @property
    def current(self) -> TaskRow | None:
        index = self.index
        return None if index is None or self.waiting else self.rows[index]

    def row(self, task_id: int | None) -> TaskRow | None:
        """The row of this task, where the list has read one."""
        return next((row for row in self.rows if row.id == task_id), None)

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

    def _keep_new(self, ids: set[int]) -> None:
        """Of these tasks those that are above the screen are new there."""
        new = ids & {row.id for row in self.rows[: self._first]} if ids else ids
        if new != self.new_above:
            self.new_above = new
            post_message(self, self.NewAbove())

    @property
    def _first(self) -> int:
        """The place of the first row on the screen."""
        return max(self.scroll_offset.y // self.row_height - self._above, 0)

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

    @property
    def _waiting(self) -> int:
        """An estimate of the rows that were not read yet; none is exact."""
        if not self.more:
            return 0
        # Counting stops at some number: behind it there is a page more at least.
        known = (self.total or 0) - len(self.rows)
        return known if known > 0 else AHEAD

    @property
    def _above(self) -> int:
        return self._waiting if self.from_end else 0

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

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if old_value != new_value:
            self._want_more()
            self._keep_new(self.new_above)

    def put(self, row: TaskRow) -> None:
        """A task seen elsewhere in a newer state."""
        for n, old in enumerate(self.rows):
            if old.id == row.id:
                if old.id == self.cursor and moves(old, row):
                    self._held = old.id
                if old != row:
                    self.rows[n] = row
                    self._paint_again(row.id)

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

    def say_empty(self, words: Sequence[str]) -> None:
        """What stands here while there are no rows."""
        if words != self.words:
            self.words = words
            if not self.rows:
                self.refresh()

    def set_others(self, others: Others) -> None:
        """Who else is where."""
        if others != self._others:
            self._others = others
            self.refresh()

    # --- moving ---------------------------------------------------------------------------------

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

    def _reveal(self, index: int) -> None:
        top, height = (self._above + index) * self.row_height, self.size.height
        y = self.scroll_offset.y
        if top < y:
            y = top
        elif height and top + self.row_height > y + height:
            y = top + self.row_height - height
        self.scroll_to(y=y, animate=False, immediate=True)

    # --- drawing --------------------------------------------------------------------------------

    def _resize(self) -> None:
        self.virtual_size = Size(
            self.size.width, (len(self.rows) + self._waiting) * self.row_height
        )

    def on_resize(self) -> None:
        self._painted.clear()
        self._resize()
        if (at := self.index) is not None:
            self._reveal(at)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painted.clear()

    def watch_cursor(self, old: int | None, new: int | None) -> None:
        self._paint_again(old)
        self._paint_again(new)

    def _paint_again(self, task_id: int | None) -> None:
        """Only the lines of this task: a terminal far away takes its time for a whole list."""
        at = self._find(task_id)
        if at is not None:
            line = (self._above + at) * self.row_height
            self.refresh_lines(line, self.row_height)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        return self.draw(range(y, y + 1))[0]

    def draw(self, lines: range) -> list[Strip]:
        """These lines of the screen. What is the same for all of them is asked for once."""
        width, clock = self.size.width, self.clock
        if not self.rows or clock is None:
            return [self._draw_words(y, width) for y in lines]
        height, first = self.row_height, self.scroll_offset.y
        empty = paint.blank(self, width)
        drawn: list[Strip] = []
        for y in lines:
            index, part = divmod(first + y, height)
            index -= self._above
            inside = 0 <= index < len(self.rows)
            drawn.append(self._paint(self.rows[index], clock, width)[part] if inside else empty)
        return drawn

    def _draw_words(self, y: int, width: int) -> Strip:
        """A line of what stands here while there are no rows."""
        lines = wrapped(self.words, width - 5)
        line, reason = lines[y - 1] if 0 < y <= len(lines) else ("", False)
        words = safe.line(line, "row--title" if reason else "row--quiet")
        return paint.strip(self, Content.assemble("   ", words), self.visual_style, width)

    def _paint(self, row: TaskRow, clock: Clock, width: int) -> list[Strip]:
        on_it = row.id == self.cursor
        gone, marked = row.id == self._gone, row.id in self.marked
        others = self._others.get(row.id, ())
        here = on_it and self.has_focus
        minute = clock.now.replace(second=0, microsecond=0)
        state = (row, minute, here, gone, marked, others, width)
        # By number: a row is compared with itself, not with each that was drawn.
        if (drawn := self._painted.get((row.id, on_it))) is not None and drawn[0] == state:
            return drawn[1]
        base = self.get_visual_style("list--marked") if marked else self.visual_style
        if on_it:
            base = self.get_visual_style("list--cursor" if here else "list--blurred")
        look = Look(width, clock, self.agent_id, gone, marked, here, others)
        strips = [
            paint.strip(self, content, base, width).apply_meta({"task": row.id})
            for content in lines_of(row, look)
        ]
        if len(self._painted) > 500:
            self._painted.clear()
        self._painted[row.id, on_it] = (state, strips)
        return strips

    # --- mouse and focus ------------------------------------------------------------------------

    def on_focus(self) -> None:
        self._paint_again(self.cursor)

    def on_blur(self) -> None:
        self._paint_again(self.cursor)

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
