"""The lines of a conversation: comments and activities by time, drawn one by one.

One widget for all comments: two hundred widgets would take longer to mount than a key may wait.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from textual.content import Content
from textual.geometry import Size
from textual.selection import Selection
from textual.strip import Strip

from pfinbox.domain.model import Who
from pfinbox.store.rows import CommentRow, Conversation
from pfinbox.tui.conversation.comment_block import EDGES, STYLES, View, block, kind_of
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
from pfinbox.tui.widgets import paint
from pfinbox.tui.widgets.line_view import LineView
from pfinbox.wording.activities import names_in
from pfinbox.wording.landing import landing_words
from pfinbox.wording.outbound.deliveries import waits_seconds
from pfinbox.wording.times import Clock

_EDGE = re.compile(rf"^[ ▸]?[{''.join(EDGES.values())}] ?", re.MULTILINE)
# A line of the pane: what it says, the style under it, the comment that it belongs to.
Line = tuple[Content, str, int | None]


class ConversationLines(LineView):
    """Draws ``conversation`` as of ``clock``; comments that have not changed are made once."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*STYLES, *RULES, "comment--selected"}

    def __init__(self, agent_id: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.agent_id = agent_id
        self.conversation: Conversation | None = None
        self.selected: int | None = None
        self.names: dict[Who, str] = {}
        self.clock: Clock | None = None
        self.lines: list[Line] = []
        self.unfolded: set[int] = set()
        # Comments of which is said why they are in this task.
        self.explained: set[int] = set()
        # Whether changes in a row are shown one by one.
        self.all_changes = False
        # Where unread began when the task was opened; the line stays while one reads.
        self.new_after: int | None = None
        self._blocks: dict[int, tuple[Any, list[Line]]] = {}
        self._ticking: Any = None

    def begin(self, new_after: int | None) -> None:
        """Another conversation, of which nothing was unfolded yet."""
        self.unfolded.clear()
        self.explained.clear()
        self._blocks.clear()
        self.new_after, self.all_changes = new_after, False

    # --- lines ----------------------------------------------------------------------------------

    def build(self, *, anew: bool = False) -> None:
        """Draw it as it is now; ``anew``: the room is another one."""
        if anew:
            self._blocks.clear()
        width = self.size.width
        self.lines = []
        ticking = False
        if self.conversation is not None and self.clock is not None and width > 8:
            self.names |= names_in(self.conversation)
            key = spelled(context(self).keymap.shown("unfold_changes"))
            for entry in self.entries(fold=not self.all_changes):
                if isinstance(entry, CommentRow):
                    ticking |= waits_seconds(entry, self.clock.now) is not None
                    self.lines += self._comment(entry, width, self.clock)
                else:
                    tag = entry.kind if isinstance(entry, Rule | Changes) else ""
                    lines = between(entry, width, self.clock, self.names, key)
                    self.lines += [(line, tag, None) for line in lines]
        self.virtual_size = Size(width, len(self.lines))
        self._tick(ticking)
        self.refresh()

    def entries(self, *, fold: bool) -> Iterator[Entry]:
        """Comments and what stands between them, by time."""
        if self.conversation is None or self.clock is None:
            return iter(())
        found = entries(self.conversation, self.clock, self.new_after, self.agent_id)
        return folded(found) if fold else found

    def _comment(self, row: CommentRow, width: int, clock: Clock) -> list[Line]:
        held = self.conversation
        why = landing_words(row, held, clock) if held and row.id in self.explained else ""
        task_id = held.task.id if held else 0
        view = View(width - 5, clock, self.agent_id, row.id in self.unfolded, task_id, why)
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
        if self.clock is not None:
            self.clock = context(self).present()
            self.build()

    # --- drawing --------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen, in which the mouse may mark text."""
        return self._draw_line(y).apply_offsets(0, self.scroll_offset.y + y)

    def draw(self, lines: range) -> Iterable[Strip]:
        return map(self._draw_line, lines)

    def _draw_line(self, y: int) -> Strip:
        width = self.size.width
        number = self.scroll_offset.y + y
        if number >= len(self.lines):
            return paint.blank(self, width)
        content, kind, comment_id = self.lines[number]
        names = [kind] if kind in EDGES else []
        if comment_id is not None and comment_id == self.selected:
            names.append("comment--selected")
            content = Content.assemble(("▸", "comment--selected"), content[1:])
        base = self.get_visual_style(*names) if names else self.visual_style
        strip = paint.strip(self, paint.marked(self, content, number), base, width)
        return strip.apply_meta({"comment": comment_id, "line": kind})

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What was marked with the mouse, without the edges at the left."""
        text = "\n".join(content.plain.rstrip() for content, _kind, _id in self.lines)
        return _EDGE.sub("", selection.extract(text)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()
