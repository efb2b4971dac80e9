"""One task: its head, its conversation and the composer under it; it reads the conversation."""

from dataclasses import dataclass
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer

from pfinbox.services import queries
from pfinbox.services.tasks import tasks
from pfinbox.store.rows import CommentRow, Conversation, TaskRow
from pfinbox.tui.compose.composer import Composer
from pfinbox.tui.compose.writing import Mode
from pfinbox.tui.conversation.conversation_view import ConversationView
from pfinbox.tui.conversation.looking import Looking
from pfinbox.tui.conversation.task_head import TaskHead
from pfinbox.tui.inbox.presence import Others
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets.divider import Divider

COMMENTS, MORE = 200, 400


class TaskPane(Vertical):
    """Shows the task under the list's cursor, or the one that was opened."""

    @dataclass
    class ConversationRead(Message):
        conversation: Conversation

    @dataclass
    class MarkedRead(Message):
        task_id: int

    def __init__(self, agent_id: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.agent_id = agent_id
        self.task_id: int | None = None
        # Opened, not only passed by with the cursor: from then on it counts as read.
        self.opened = False
        # Beside the list it counts as read after a moment, unless the agent wants it unread.
        self._looking = Looking(self, self._write_read)
        self._stays_unread = False
        # The task as the list has it, for the head until the conversation is read.
        self._row: TaskRow | None = None
        # Runs while the cursor has just come to the task; then the conversation is read.
        self._resting: Timer | None = None
        # Where a walk along earlier conversations began, to find the way back.
        self.trail: list[int] = []
        # So many comments are read, the newest; more when the reader comes to their beginning.
        self._limit = COMMENTS
        # A comment that is to be in sight as soon as it is read.
        self._to_show: int | None = None

    def compose(self) -> ComposeResult:
        yield Divider(id="divider")
        yield TaskHead(id="task-head")
        yield ConversationView(self.agent_id, id="conversation")
        yield Composer(id="composer")

    @property
    def view(self) -> ConversationView:
        return self.query_one(ConversationView)

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    @property
    def conversation(self) -> Conversation | None:
        """The conversation on the screen, None while it is being read."""
        return self.view.conversation

    # --- which task -----------------------------------------------------------------------------

    def show_task(self, task_id: int | None, *, opened: bool = False) -> None:
        """Show another task (at once empty, then read); ``opened`` marks it as read."""
        if task_id != self.task_id:
            self.trail.clear()
            self._show(task_id)
        elif self._resting is not None:
            self.reload()
        if opened and not self.opened:
            self.opened = True
            self._mark_read()

    def follow(self, row: TaskRow | None) -> None:
        """The list's cursor has come to this task: its head now, what was said once it rests.

        Whoever holds a key down reads none of the conversations between.
        """
        rest = context(self).rest_seconds
        if row is None or row.id == self.task_id or not rest:
            self.show_task(row.id if row is not None else None)
            return
        self.trail.clear()
        self._turn_to(row.id)
        self._row = row
        self._show_head()
        self._resting = self.set_timer(rest, self.reload)

    def _show(self, task_id: int | None) -> None:
        self._turn_to(task_id)
        if task_id is None:
            self.view.show(None, context(self).present())
            self._show_head()
        else:
            self.reload()

    def _turn_to(self, task_id: int | None) -> None:
        if self.composer.writing is not None:
            self.composer.close()
        self._rested()
        self.task_id, self.opened, self._limit, self._row = task_id, False, COMMENTS, None
        self._to_show, self._stays_unread = None, False
        self._looking.at(None)

    def _rested(self) -> None:
        if self._resting is not None:
            self._resting.stop()
            self._resting = None

    def walk_back(self) -> bool:
        """To the client's conversation before this one; False where there is none (R8)."""
        held = self.conversation
        if held is None or held.task.id != self.task_id or held.task.previous_task_id is None:
            return False
        trail = [*self.trail, held.task.id]
        self._show(held.task.previous_task_id)
        self.trail = trail
        self.opened = True
        return True

    def walk_forward(self) -> bool:
        """Back along the trail; False at its beginning."""
        if not self.trail:
            return False
        trail = self.trail
        self._show(trail.pop())
        self.trail, self.opened = trail, True
        return True

    # --- reading --------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the task again; the place in it is kept."""
        self._rested()
        task_id, limit = self.task_id, self._limit
        if task_id is not None:
            inbox = context(self).inbox
            workers.read(
                self,
                "conversation",
                lambda: inbox.read(queries.conversation, task_id, limit=limit),
                lambda conversation: self.ConversationRead(conversation),
            )

    def on_conversation_view_older_wanted(self) -> None:
        held = self.conversation
        if held is not None and held.more and len(held.comments) >= self._limit:
            self._limit += MORE
            self.reload()

    def on_conversation_view_previous_wanted(self) -> None:
        self.walk_back()

    def on_task_pane_conversation_read(self, message: ConversationRead) -> None:
        conversation = message.conversation
        if conversation.task.id != self.task_id:
            message.stop()
            return
        first = self.conversation is None or self.conversation.task.id != self.task_id
        self.view.show(conversation, context(self).present())
        if self._to_show in {row.id for row in conversation.comments}:
            self.view.reveal(self._to_show)
            self._to_show = None
        if first and self.composer.writing is not None:
            self.view.to_end()
        self._show_head()
        self.tell_composer()
        self._mark_read()

    def on_failed(self, message: workers.Failed) -> None:
        """It bubbles on to the app, which says it."""
        if message.job == "conversation":
            self.composer.not_now()

    @property
    def _unread(self) -> tuple[int, int] | None:
        """The task on the screen and its last comment, where something in it is unread."""
        held, last = self.conversation, self.view.last_id
        if held is None or held.task.id != self.task_id or not self.display or last is None:
            return None
        new = held.task.unread or last > held.read_up_to
        return (held.task.id, last) if new else None

    def _mark_read(self) -> None:
        """At once where the task is open, else when it has been looked at for a moment."""
        if self.opened:
            self._write_read()
        self._looking.at(None if self.opened or self._stays_unread else self._unread)

    def _write_read(self) -> None:
        if self._unread is not None:
            task_id, last = self._unread
            workers.write(
                self,
                "mark read",
                lambda inbox: inbox.write(tasks.mark_read, task_id, last),
                lambda _nothing: self.MarkedRead(task_id),
            )

    def keep_unread(self) -> None:
        """The agent wants it unread: it is not read by being looked at."""
        self.opened, self._stays_unread = False, True
        self._looking.at(None)

    def leave(self) -> None:
        """The agent is in the list again: what was new is read, what comes now is new."""
        if self.conversation is not None and self.conversation.task.id == self.task_id:
            self.opened = False
            self.view.end_new()

    # --- writing --------------------------------------------------------------------------------

    def write(self, mode: Mode, *, focus: bool = True) -> None:
        """Open the composer for this task; it never waits for the conversation."""
        if self.task_id is not None:
            self.opened |= focus
            self.composer.open(self.task_id, mode, focus=focus)
            if self.view.selected is None:
                self.view.to_end()
            self.tell_composer()
            self._mark_read()

    def tell_composer(self) -> None:
        """What the composer needs of the conversation, once it is on the screen."""
        held = self.conversation
        if held is None or held.task.id != self.task_id:
            return
        chosen = self.view.selected_comment
        answered = chosen or self._last_of_client()
        self.composer.known(
            held.task,
            answered.id if answered else None,
            self.view.comments,
            self.view.names,
            selected=chosen is not None,
        )

    def quote(self) -> None:
        """Quote the selected comment, else the client's last one, in what is being written."""
        held = self.conversation
        here = held is not None and held.task.id == self.task_id
        answered = (self.view.selected_comment or self._last_of_client()) if here else None
        self.composer.quote(answered.id if answered else None)

    def _last_of_client(self) -> CommentRow | None:
        return next((c for c in reversed(self.view.comments) if c.direction == "incoming"), None)

    def on_sending_news_came(self, message: Composer.NewsCame) -> None:
        """What was said meanwhile is read, and shown above the draft."""
        self._to_show = message.comment_id
        self.reload()

    # --- the head -------------------------------------------------------------------------------

    @property
    def head(self) -> TaskHead:
        return self.query_one(TaskHead)

    def _show_head(self) -> None:
        """The task as it was read; before that, as the list has it."""
        held = self.conversation
        task = held.task if held is not None else None
        if self._row is not None and (task is None or task.id != self.task_id):
            task = self._row
        self.head.show(task)

    def set_active(self, *, active: bool) -> None:
        """Whether the agent is in here."""
        self.query_one(Divider).active = active
        self.head.set_active(active=active)

    def set_others(self, others: Others) -> None:
        """Who else looks at this task or answers in it."""
        self.head.set_others(others)
