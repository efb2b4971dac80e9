"""Rows of tasks as they are drawn: those that are visible, and of these those that have changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.content import Content
from textual.geometry import Size
from textual.reactive import var
from textual.strip import Strip

from pfinbox.store.rows import TaskRow
from pfinbox.tui.inbox.empty import wrapped
from pfinbox.tui.inbox.presence import Others
from pfinbox.tui.inbox.task_row import STYLES, WIDE, Look, lines_of
from pfinbox.tui.widgets import paint, safe
from pfinbox.tui.widgets.line_view import LineView
from pfinbox.wording.times import Clock

# So many rows may wait where nobody knows how many do.
AHEAD = 20
# So many rows are kept as they were drawn: those of a high screen, some with the cursor, too.
KEPT = 64


class DrawnTasks(LineView):
    """The rows that were read, with the cursor on one of them and marks on others."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *STYLES,
        "list--cursor",
        "list--blurred",
        "list--marked",
    }

    # A task, not a line.
    cursor: var[int | None] = var[int | None](None)

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
        self._others: Others = {}
        # A task that has left the view while the cursor stood on it.
        self._gone: int | None = None
        self._found_at: int | None = None
        # What was drawn of a task, with and without the cursor, and in which state of it.
        self._painted: dict[tuple[int, bool], tuple[Any, list[Strip]]] = {}

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

    def row(self, task_id: int | None) -> TaskRow | None:
        """The row of this task, where the list has read one."""
        return next((row for row in self.rows if row.id == task_id), None)

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

    def _resize(self) -> None:
        self.virtual_size = Size(
            self.size.width, (len(self.rows) + self._waiting) * self.row_height
        )

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
        rows, above, cursor = self.rows, self._above, self.cursor
        minute = clock.now.replace(second=0, microsecond=0)
        empty = paint.blank(self, width)
        drawn: list[Strip] = []
        painted, strips = -1, [empty] * height
        for y in lines:
            index, part = divmod(first + y, height)
            index -= above
            if index != painted:
                painted, strips = index, [empty] * height
                if 0 <= index < len(rows):
                    row = rows[index]
                    strips = self._paint(row, clock, minute, width, on_it=row.id == cursor)
            drawn.append(strips[part])
        return drawn

    def _draw_words(self, y: int, width: int) -> Strip:
        """A line of what stands here while there are no rows."""
        lines = wrapped(self.words, width - 5)
        line, reason = lines[y - 1] if 0 < y <= len(lines) else ("", False)
        words = safe.line(line, "row--title" if reason else "row--quiet")
        return paint.strip(self, Content.assemble("   ", words), self.visual_style, width)

    def _paint(
        self, row: TaskRow, clock: Clock, minute: datetime, width: int, *, on_it: bool
    ) -> list[Strip]:
        gone, marked = row.id == self._gone, row.id in self.marked
        others = self._others.get(row.id, ())
        here = on_it and self.has_focus
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
        self._painted.pop((row.id, on_it), None)
        self._painted[row.id, on_it] = (state, strips)
        if len(self._painted) > KEPT:
            # The one that was drawn first; what is still seen of it is drawn anew.
            del self._painted[next(iter(self._painted))]
        return strips

    def on_focus(self) -> None:
        self._paint_again(self.cursor)

    def on_blur(self) -> None:
        self._paint_again(self.cursor)
