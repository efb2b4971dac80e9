"""A person's whole line over the panes: newest at the bottom, enter goes into the task."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.store.rows import LinePage, LineRow
from pfinbox.tui.contacts.line_view import LineView
from pfinbox.tui.conversation.conversation_view import ConversationView
from pfinbox.tui.dialogs.overlay import Overlay
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.command import LINE
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.hint_line import HintLine

PAGE = 100
# So many comments are read anew when something changed.
AGAIN = 300


class LineScreen(Overlay):
    """Answers with the number of the task to go to."""

    place: ClassVar[str] = LINE

    @dataclass
    class Read(Message):
        page: LinePage

    @dataclass
    class OlderRead(Message):
        page: LinePage

    def __init__(self, contact_id: int, name: str, agent_id: int) -> None:
        title = Content.assemble(_("Everything with "), safe.line(name, limit=80))
        super().__init__(title)
        self.contact_id, self.agent_id = contact_id, agent_id
        self.rows: tuple[LineRow, ...] = ()
        self._after: tuple[datetime, int] | None = None
        self._reading = False

    def body(self) -> list[Widget]:
        return [LineView(self.agent_id), HintLine(lines=1, classes="overlay-hints")]

    @property
    def view(self) -> LineView:
        return self.query_one(LineView)

    @property
    def rows_widget(self) -> Widget:
        return self.view

    # --- reading --------------------------------------------------------------------------------

    def reload(self, topics: frozenset[str] | None = None) -> None:
        """The newest again; what is older stays as it was read."""
        if topics is None or topics & {"tasks", "outbox", "contacts"}:
            inbox, limit = context(self).inbox, min(max(len(self.rows), PAGE), AGAIN)
            workers.read(
                self,
                "overlay",
                lambda: inbox.read(queries.contact_line, self.contact_id, limit=limit),
                self.Read,
            )

    def on_line_screen_read(self, message: Read) -> None:
        page = message.page
        if page.after is None or not self.rows:
            self.rows, self._after = page.rows, page.after
        else:
            first = page.rows[0].comment
            key = (first.created_at, first.id)
            older = [r for r in self.rows if (r.comment.created_at, r.comment.id) < key]
            self.rows = (*older, *page.rows)
        self._show()
        context(self).release_keys("choose")

    def on_conversation_view_older_wanted(self, message: ConversationView.OlderWanted) -> None:
        message.stop()
        after, inbox = self._after, context(self).inbox
        if after is None or self._reading:
            return
        self._reading = True
        workers.read(
            self,
            "older",
            lambda: inbox.read(queries.contact_line, self.contact_id, after=after, limit=PAGE),
            self.OlderRead,
        )

    def on_line_screen_older_read(self, message: OlderRead) -> None:
        self._reading = False
        known = {row.comment.id for row in self.rows}
        older = [row for row in message.page.rows if row.comment.id not in known]
        self.rows, self._after = (*older, *self.rows), message.page.after
        self._show()

    def _show(self) -> None:
        said = tuple(row for row in self.rows if not row.comment.taken_back)
        self.view.show_line(said, self._after is not None, context(self).present())

    def on_failed(self, message: workers.Failed) -> None:
        self._reading = False
        super().on_failed(message)

    # --- keys -----------------------------------------------------------------------------------

    def command_open(self) -> None:
        if self.view.task_id is not None:
            self.answer(self.view.task_id)

    def command_down(self) -> None:
        self.view.select(1)

    def command_up(self) -> None:
        self.view.select(-1)

    def command_page_down(self) -> None:
        self.view.page(1)

    def command_page_up(self) -> None:
        self.view.page(-1)

    def command_top(self) -> None:
        self.view.to_first()

    def command_bottom(self) -> None:
        self.view.to_last()

    def command_unfold(self) -> None:
        self.view.unfold()
