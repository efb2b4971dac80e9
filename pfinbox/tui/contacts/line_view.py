"""A person's whole line in one scroll: comments of many tasks, a task's title as a rule between."""

from dataclasses import dataclass
from typing import Any

from textual.content import Content
from textual.geometry import Size
from textual.message import Message

from pfinbox.store.rows import CommentRow, LineRow
from pfinbox.tui.conversation.comment_block import EDGES, View, block, kind_of
from pfinbox.tui.conversation.conversation_lines import Line
from pfinbox.tui.conversation.conversation_view import ConversationView
from pfinbox.tui.conversation.timeline import Rule, rule
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import safe
from pfinbox.wording.names import channel_name
from pfinbox.wording.times import Clock


class LineView(ConversationView):
    """Newest at the bottom; ``show_line`` keeps what is in sight in its place."""

    @dataclass
    class Clicked(Message):
        """A comment was clicked."""

    def __init__(self, agent_id: int, **kwargs: Any) -> None:
        super().__init__(agent_id, **kwargs)
        self.rows: tuple[LineRow, ...] = ()
        self.more = False

    @property
    def comments(self) -> tuple[CommentRow, ...]:
        return tuple(row.comment for row in self.rows)

    @property
    def task_id(self) -> int | None:
        """The task of the selected comment, else of the newest."""
        found = (row.task_id for row in self.rows if row.comment.id == self.selected)
        return next(found, self.rows[-1].task_id if self.rows else None)

    def show_line(self, rows: tuple[LineRow, ...], more: bool, clock: Clock) -> None:
        """All that is read by now, oldest first; ``more`` waits before it."""
        fresh, place = not self.rows, self._place()
        at_end = self._at_end
        self.rows, self.more, self.clock = rows, more, clock
        self.build()
        if fresh:
            self._goal = "end"
            self._go()
        elif at_end:
            self.scroll_end(animate=False, immediate=True)
        else:
            self._go_back(place)

    def _go(self) -> None:
        """The newest, as soon as the layout knows how far down that is."""
        if self._goal and self.size.height and self.rows:
            self._goal = ""
            self.call_after_refresh(self._end)

    def _end(self) -> None:
        self.scroll_end(animate=False, immediate=True)
        self._at_end = True

    def build(self, *, anew: bool = False) -> None:
        if anew:
            self._blocks.clear()
        width = self.size.width
        self.lines = []
        clock = self.clock
        if clock is not None and width > 8:
            if self.more:
                self.lines.append((rule(Rule("more"), width, clock), "more", None))
                self.lines.append((Content(""), "", None))
            task, day = 0, None
            for row in self.rows:
                if row.task_id != task:
                    task, day = row.task_id, None
                    self.lines += [(task_rule(row, width), "task", None), (Content(""), "", None)]
                if (date := clock.local(row.comment.created_at).date()) != day:
                    day = date
                    words = rule(Rule("day", clock.day(row.comment.created_at)), width, clock)
                    self.lines += [(words, "day", None), (Content(""), "", None)]
                self.lines += self._block(row, width, clock)
        self.virtual_size = Size(width, len(self.lines))
        self.refresh()

    def _block(self, row: LineRow, width: int, clock: Clock) -> list[Line]:
        comment = row.comment
        unfolded = comment.id in self.unfolded
        key = (row, width, unfolded, clock.local(clock.now).date())
        drawn = self._blocks.get(comment.id)
        if drawn is not None and drawn[0] == key:
            return drawn[1]
        kind = kind_of(comment)
        edge = Content.styled(f" {EDGES[kind]} ", f"{kind}--name")
        view = View(width - 5, clock, self.agent_id, unfolded, row.task_id)
        lines: list[Line] = [
            (Content.assemble(edge, content), kind, comment.id) for content in block(comment, view)
        ]
        lines.append((Content(""), "", None))
        self._blocks[comment.id] = (key, lines)
        return lines

    def page(self, step: int) -> None:
        """Scroll by a screen; the selection follows into sight."""
        y = self.scroll_offset.y + step * max(self.size.height - 2, 1)
        self.scroll_to(y=y, animate=False, immediate=True)
        top = self.scroll_offset.y
        seen = [line[2] for line in self.lines[top : top + self.size.height] if line[2]]
        if seen and self.selected not in seen:
            self.selected = seen[-1] if step < 0 else seen[0]
            self.refresh()

    def to_first(self) -> None:
        """The oldest that was read; more is asked for there."""
        if self.rows:
            self.selected = self.rows[0].comment.id
            self.scroll_home(animate=False, immediate=True)
            self._want_older()

    def to_last(self) -> None:
        if self.rows:
            self.selected = self.rows[-1].comment.id
            self.scroll_end(animate=False, immediate=True)
            self.refresh()

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        if new < old:
            self._want_older()

    def _want_older(self) -> None:
        if self.more and self.scroll_offset.y <= self.size.height:
            post_message(self, self.OlderWanted())


def task_rule(row: LineRow, width: int) -> Content:
    """Where another task goes on: its number, its title, its channel."""
    channel = row.comment.channel
    words = Content.assemble(
        (f" ━━ #{row.task_id}  ", "rule--link"),
        safe.line(row.title, "rule--link"),
        (" · " if channel else "", "rule--day"),
        safe.line(channel_name(channel) if channel else "", "rule--day"),
    )
    room = max(width - 2 - words.cell_length - 1, 0)
    return safe.fit(Content.assemble(words, (" " + "━" * room, "rule--day")), width - 2)
