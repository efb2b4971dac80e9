"""The conversation: comments and activities by time, drawn line by line.

One widget for all comments: two hundred widgets would take longer to mount than a key may wait.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip

from pfinbox.domain.model import Who
from pfinbox.store.rows import CommentRow, Conversation
from pfinbox.tui.conversation.comment_block import EDGES, STYLES, View, block, foldable, kind_of
from pfinbox.tui.conversation.timeline import (
    RULES,
    Changes,
    Entry,
    Rule,
    between,
    entries,
    folded,
)
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import paint
from pfinbox.tui.widgets.line_view import LineView
from pfinbox.wording.activities import names_in
from pfinbox.wording.deliveries import waits_seconds
from pfinbox.wording.landing import landing_words
from pfinbox.wording.times import Clock

_EDGE = re.compile(rf"^[ ▸]?[{''.join(EDGES.values())}] ?", re.MULTILINE)
# A line of the pane: what it says, the style under it, the comment that it belongs to.
Line = tuple[Content, str, int | None]


class ConversationView(LineView, can_focus=True):
    """Comments of one task; one of them may be selected."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*STYLES, *RULES, "comment--selected"}

    @dataclass
    class Selected(Message):
        """Another comment is selected; None: no longer any."""

        comment_id: int | None

    class OlderWanted(Message):
        """The reader is at the top, and there is more above."""

    class PreviousWanted(Message):
        """The line that leads to the client's conversation before this one was clicked (R8)."""

    def __init__(self, agent_id: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.agent_id = agent_id
        self.conversation: Conversation | None = None
        self.selected: int | None = None
        self.names: dict[Who, str] = {}
        self._clock: Clock | None = None
        self._lines: list[Line] = []
        self._unfolded: set[int] = set()
        self._explained: set[int] = set()
        # Whether changes in a row are shown one by one.
        self._all_changes = False
        # Where unread began when the task was opened; the line stays while one reads.
        self._new_after: int | None = None
        self._blocks: dict[int, tuple[Any, list[Line]]] = {}
        self._ticking: Any = None
        # Where to go as soon as there is a size to go by: start, end, or "" for staying.
        self._goal = ""
        # Whoever reads at the end goes on seeing the end when comments come or the pane shrinks.
        self._at_end = False

    # --- what is in it --------------------------------------------------------------------------

    def show(self, conversation: Conversation | None, clock: Clock) -> None:
        """Another task, or the same one in a newer state: then the place is kept."""
        old = self.conversation
        same = old is not None and conversation is not None and old.task.id == conversation.task.id
        self.conversation, self._clock = conversation, clock
        if not same:
            self._select(None)
            self._unfolded.clear()
            self._explained.clear()
            self._blocks.clear()
            self._new_after = conversation.read_up_to if conversation else None
            self._all_changes = False
        elif old is not None and conversation is not None:
            self._new_after = self._where_new_begins(old, conversation)
        place = self._place()
        self._build()
        if not same:
            self._goal = "start"
            self._go()
        elif self._at_end:
            self.scroll_end(animate=False, immediate=True)
        else:
            self._go_back(place)

    def _where_new_begins(self, old: Conversation, now: Conversation) -> int | None:
        """What comes after all was read is new; whoever answers has read."""
        last = max((row.id for row in old.comments), default=0)
        came = [row for row in now.comments if row.id > last]
        me = Who("agent", self.agent_id)
        if any(row.author.who == me for row in came):
            return None
        all_read = self._new_after is None or old.read_up_to >= last
        return last if came and all_read else self._new_after

    def end_new(self) -> None:
        """The agent has read it all and gone: nothing is new any more."""
        if self._new_after is not None:
            self._new_after = None
            place = self._place()
            self._build()
            self._go_back(place)

    @property
    def comments(self) -> tuple[CommentRow, ...]:
        return self.conversation.comments if self.conversation else ()

    @property
    def selected_comment(self) -> CommentRow | None:
        return next((row for row in self.comments if row.id == self.selected), None)

    @property
    def last_id(self) -> int | None:
        """The last comment that is shown; what the send lock compares with."""
        return max((row.id for row in self.comments), default=None)

    def select(self, step: int) -> None:
        """Move the selection to another comment and bring it into view."""
        ids = [row.id for row in self.comments]
        if not ids:
            return
        at = ids.index(self.selected) if self.selected in ids else (len(ids) if step < 0 else -1)
        if self.selected is None and step > 0:
            at = len(ids) - 2
        self._select(ids[max(0, min(at + step, len(ids) - 1))])
        self.reveal(self.selected)

    def to_end(self) -> None:
        """The end of the conversation, where an answer belongs."""
        self._goal = "end"
        self._go()

    def select_none(self) -> None:
        self._select(None)

    def _select(self, comment_id: int | None) -> None:
        if comment_id != self.selected:
            self.selected = comment_id
            post_message(self, self.Selected(comment_id))
            self.refresh()

    def unfold(self) -> None:
        """Show or fold what is hidden of the selected comment, else of the last that has some."""
        chosen = self.selected_comment
        if chosen is None:
            chosen = next((row for row in reversed(self.comments) if foldable(row)), None)
        if chosen is not None:
            self._unfolded ^= {chosen.id}
            self._build()
            self.reveal(chosen.id)

    def unfold_changes(self) -> bool:
        """Show changes in a row one by one, or as one line; False where there are none."""
        if not any(isinstance(entry, Changes) for entry in self._entries(fold=True)):
            return False
        self._all_changes = not self._all_changes
        place = self._place()
        self._build()
        self._go_back(place)
        return True

    def explain(self) -> bool:
        """Why the selected comment, else the last that came, is in this task; again: no more."""
        chosen = self.selected_comment
        if chosen is None:
            chosen = next((c for c in reversed(self.comments) if c.direction == "incoming"), None)
        if chosen is not None:
            self._explained ^= {chosen.id}
            self._build()
            self.reveal(chosen.id)
        return chosen is not None

    # --- lines ----------------------------------------------------------------------------------

    def _build(self) -> None:
        width = self.size.width
        self._lines = []
        ticking = False
        if self.conversation is not None and self._clock is not None and width > 8:
            self.names |= names_in(self.conversation)
            key = spelled(context(self).keymap.shown("unfold_changes"))
            for entry in self._entries(fold=not self._all_changes):
                if isinstance(entry, CommentRow):
                    ticking |= waits_seconds(entry, self._clock.now) is not None
                    self._lines += self._comment(entry, width, self._clock)
                else:
                    tag = entry.kind if isinstance(entry, Rule | Changes) else ""
                    lines = between(entry, width, self._clock, self.names, key)
                    self._lines += [(line, tag, None) for line in lines]
        self.virtual_size = Size(width, len(self._lines))
        self._tick(ticking)
        self.refresh()

    def _entries(self, *, fold: bool) -> Iterator[Entry]:
        if self.conversation is None or self._clock is None:
            return iter(())
        found = entries(self.conversation, self._clock, self._new_after, self.agent_id)
        return folded(found) if fold else found

    def _comment(self, row: CommentRow, width: int, clock: Clock) -> list[Line]:
        held = self.conversation
        why = landing_words(row, held, clock) if held and row.id in self._explained else ""
        task_id = held.task.id if held else 0
        view = View(width - 5, clock, self.agent_id, row.id in self._unfolded, task_id, why)
        key = (row, width, view.unfolded, clock.local(clock.now).date(), task_id, why)
        live = any(d.sent_at is None for d in row.deliveries)
        drawn = self._blocks.get(row.id)
        if drawn is not None and not live and drawn[0] == key:
            return drawn[1]
        kind = kind_of(row)
        edge = Content.styled(f" {EDGES[kind]} ", f"{kind}--name")
        lines: list[Line] = [
            (Content.assemble(edge, content), kind, row.id) for content in block(row, view)
        ]
        lines.append((Content(""), "", None))
        self._blocks[row.id] = (key, lines)
        return lines

    def _tick(self, on: bool) -> None:
        """Count the seconds of a comment that still can be taken back."""
        if on and self._ticking is None:
            self._ticking = self.set_interval(1, self._second)
        elif not on and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None

    def _second(self) -> None:
        if self._clock is not None:
            self._clock = context(self).present()
            self._build()

    # --- scrolling ------------------------------------------------------------------------------

    def _go(self) -> None:
        """A task opens at its first unread comment, else at its last one."""
        if not self._goal or not self.size.height:
            return
        goal, self._goal = self._goal, ""
        last = self.comments[-1].id if self.comments else None
        starts = [n for n, line in enumerate(self._lines) if line[1] == "new" or line[2] == last]
        end = max(len(self._lines) - self.size.height, 0)
        y = min(starts[0], end) if starts and goal == "start" else end
        all_read = self.conversation is not None and not self.conversation.more
        if all_read and self.comments and y < self._first_line(self.comments[0].id):
            # Above the first comment stands where the client's story begins (R8).
            y = 0
        self._at_end = y == end
        self.scroll_to(y=y, animate=False, immediate=True)

    def _place(self) -> tuple[int | None, int]:
        """The comment at the top of what is in sight, and how far down in it that is."""
        y = self.scroll_offset.y
        top = next((line[2] for line in self._lines[y:] if line[2] is not None), None)
        return top, y - self._first_line(top)

    def _go_back(self, place: tuple[int | None, int]) -> None:
        """What came above moves nothing in sight."""
        top, down = place
        y = self._first_line(top) + down
        if top is not None and y != self.scroll_offset.y:
            self.scroll_to(y=max(y, 0), animate=False, immediate=True)

    def _first_line(self, comment_id: int | None) -> int:
        return next((n for n, line in enumerate(self._lines) if line[2] == comment_id), 0)

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Textual's own watcher, and whether this is the end."""
        super().watch_scroll_y(old, new)
        self._at_end = new >= self.max_scroll_y
        if new <= 0 < old and self.conversation is not None and self.conversation.more:
            post_message(self, self.OlderWanted())

    def reveal(self, comment_id: int | None) -> None:
        """Bring a comment into sight."""
        numbers = [n for n, line in enumerate(self._lines) if line[2] == comment_id]
        if not numbers:
            return
        top, bottom, y = numbers[0], numbers[-1], self.scroll_offset.y
        if bottom >= y + self.size.height:
            y = bottom - self.size.height + 2
        y = 0 if comment_id == self.comments[0].id else min(y, top)
        self.scroll_to(y=y, animate=False, immediate=True)

    def on_resize(self) -> None:
        at_end, place = self._at_end, self._place()
        self._blocks.clear()
        self._build()
        if self._goal:
            self._go()
        elif at_end:
            self.scroll_end(animate=False, immediate=True)
        elif self.selected is not None:
            self.reveal(self.selected)
        else:
            self._go_back(place)

    # --- drawing --------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.size.width
        number = self.scroll_offset.y + y
        if number >= len(self._lines):
            return paint.blank(self, width)
        content, kind, comment_id = self._lines[number]
        names = [kind] if kind in EDGES else []
        if comment_id is not None and comment_id == self.selected:
            names.append("comment--selected")
            content = Content.assemble(("▸", "comment--selected"), content[1:])
        base = self.get_visual_style(*names) if names else self.visual_style
        marked = self.text_selection
        if marked is not None and (span := marked.get_span(number)) is not None:
            start, end = span
            style = self.screen.get_visual_style("screen--selection")
            content = content.stylize(style, start, None if end == -1 else end)
        strip = paint.strip(self, content, base, width).apply_offsets(0, number)
        return strip.apply_meta({"comment": comment_id, "line": kind})

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What was marked with the mouse, without the edges at the left."""
        text = "\n".join(content.plain.rstrip() for content, _kind, _id in self._lines)
        return _EDGE.sub("", selection.extract(text)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        comment_id, line = event.style.meta.get("comment"), event.style.meta.get("line")
        if line == "previous":
            post_message(self, self.PreviousWanted())
        elif line == "changes":
            self.unfold_changes()
        elif line == "more":
            post_message(self, self.OlderWanted())
        elif isinstance(comment_id, int):
            self._select(comment_id)
