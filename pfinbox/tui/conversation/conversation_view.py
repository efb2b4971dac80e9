"""The conversation as it is read: which comment is selected, and what of it is in sight."""

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message

from pfinbox.domain.model import Who
from pfinbox.store.rows import CommentRow, Conversation
from pfinbox.tui.conversation.comment_block import foldable
from pfinbox.tui.conversation.conversation_lines import ConversationLines
from pfinbox.tui.conversation.timeline import Changes
from pfinbox.tui.shell.post_message import post_message
from pfinbox.wording.times import Clock


class ConversationView(ConversationLines, can_focus=True):
    """Comments of one task; one of them may be selected."""

    @dataclass
    class Selected(Message):
        """Another comment is selected; None: no longer any."""

        comment_id: int | None

    class OlderWanted(Message):
        """The reader is at the top, and there is more above."""

    class PreviousWanted(Message):
        """The line that leads to the client's conversation before this one was clicked (R8)."""

    def __init__(self, agent_id: int, **kwargs: Any) -> None:
        super().__init__(agent_id, **kwargs)
        # Where to go as soon as there is a size to go by: start, end, or "" for staying.
        self._goal = ""
        # Whoever reads at the end goes on seeing the end when comments come or the pane shrinks.
        self._at_end = False

    # --- what is in it --------------------------------------------------------------------------

    def show(self, conversation: Conversation | None, clock: Clock) -> None:
        """Another task, or the same one in a newer state: then the place is kept."""
        old = self.conversation
        same = old is not None and conversation is not None and old.task.id == conversation.task.id
        self.conversation, self.clock = conversation, clock
        if not same:
            self._select(None)
            self.begin(conversation.read_up_to if conversation else None)
        elif old is not None and conversation is not None:
            self.new_after = self._where_new_begins(old, conversation)
        place = self._place()
        self.build()
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
        all_read = self.new_after is None or old.read_up_to >= last
        return last if came and all_read else self.new_after

    def end_new(self) -> None:
        """The agent has read it all and gone: nothing is new any more."""
        if self.new_after is not None:
            self.new_after = None
            place = self._place()
            self.build()
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
            self.unfolded ^= {chosen.id}
            self.build()
            self.reveal(chosen.id)

    def unfold_changes(self) -> bool:
        """Show changes in a row one by one, or as one line; False where there are none."""
        if not any(isinstance(entry, Changes) for entry in self.entries(fold=True)):
            return False
        self.all_changes = not self.all_changes
        place = self._place()
        self.build()
        self._go_back(place)
        return True

    def explain(self) -> bool:
        """Why the selected comment, else the last that came, is in this task; again: no more."""
        chosen = self.selected_comment
        if chosen is None:
            chosen = next((c for c in reversed(self.comments) if c.direction == "incoming"), None)
        if chosen is not None:
            self.explained ^= {chosen.id}
            self.build()
            self.reveal(chosen.id)
        return chosen is not None

    # --- scrolling ------------------------------------------------------------------------------

    def _go(self) -> None:
        """A task opens at its first unread comment, else at its last one."""
        if not self._goal or not self.size.height:
            return
        goal, self._goal = self._goal, ""
        last = self.comments[-1].id if self.comments else None
        starts = [n for n, line in enumerate(self.lines) if line[1] == "new" or line[2] == last]
        end = max(len(self.lines) - self.size.height, 0)
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
        top = next((line[2] for line in self.lines[y:] if line[2] is not None), None)
        return top, y - self._first_line(top)

    def _go_back(self, place: tuple[int | None, int]) -> None:
        """What came above moves nothing in sight."""
        top, down = place
        y = self._first_line(top) + down
        if top is not None and y != self.scroll_offset.y:
            self.scroll_to(y=max(y, 0), animate=False, immediate=True)

    def _first_line(self, comment_id: int | None) -> int:
        return next((n for n, line in enumerate(self.lines) if line[2] == comment_id), 0)

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Textual's own watcher, and whether this is the end."""
        super().watch_scroll_y(old, new)
        self._at_end = new >= self.max_scroll_y
        if new <= 0 < old and self.conversation is not None and self.conversation.more:
            post_message(self, self.OlderWanted())

    def reveal(self, comment_id: int | None) -> None:
        """Bring a comment into sight."""
        numbers = [n for n, line in enumerate(self.lines) if line[2] == comment_id]
        if not numbers:
            return
        top, bottom, y = numbers[0], numbers[-1], self.scroll_offset.y
        if bottom >= y + self.size.height:
            y = bottom - self.size.height + 2
        y = 0 if comment_id == self.comments[0].id else min(y, top)
        self.scroll_to(y=y, animate=False, immediate=True)

    def on_resize(self) -> None:
        at_end, place = self._at_end, self._place()
        self.build(anew=True)
        if self._goal:
            self._go()
        elif at_end:
            self.scroll_end(animate=False, immediate=True)
        elif self.selected is not None:
            self.reveal(self.selected)
        else:
            self._go_back(place)

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
