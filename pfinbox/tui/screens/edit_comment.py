"""Another text for a comment; it stays in the dialog until the store has it."""

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static, TextArea

from pfinbox.domain.text import clean
from pfinbox.i18n import _
from pfinbox.services.corrections import Outlook
from pfinbox.store.rows import CommentRow
from pfinbox.tui import jobs, safe
from pfinbox.tui.correcting_words import edit_words
from pfinbox.tui.desk import desk
from pfinbox.tui.screens.dialog import Dialog


class EditComment(Dialog[Outlook]):
    """Answers with what the change does outside, once it is stored."""

    @dataclass
    class Foreseen(Message):
        outlook: Outlook

    class Stored(Message):
        """The new text is kept."""

    def __init__(self, row: CommentRow) -> None:
        super().__init__(Content(_("Edit your comment")))
        self._row = row
        self._text = clean(row.text)
        self._outlook: Outlook | None = None
        self._asked = False

    def body(self) -> list[Widget]:
        area = TextArea(
            self._text,
            id="canned-text",
            soft_wrap=True,
            compact=True,
            highlight_cursor_line=False,
        )
        return [area, Static(classes="dialog-aside", id="outlook")]

    def hints(self) -> Content:
        return Content(_("ctrl+s keep · esc leave it as it was"))

    @property
    def area(self) -> TextArea:
        return self.query_one(TextArea)

    def on_mount(self) -> None:
        self.area.move_cursor(self.area.document.end)
        gateway, row = desk(self).gateway, self._row
        jobs.read(self, "outlook", lambda: gateway.outlook(row.id, deleting=False), self.Foreseen)

    def on_edit_comment_foreseen(self, message: Foreseen) -> None:
        self._outlook = message.outlook
        self.query_one("#outlook", Static).update(safe.line(edit_words(message.outlook)))

    def on_failed(self, message: jobs.Failed) -> None:
        """The app says why; what was typed stays, unless nothing can be changed at all."""
        if message.job == "outlook":
            self.answer(None)
        else:
            self.area.read_only = False

    def on_edit_comment_stored(self) -> None:
        self.answer(self._outlook or Outlook("inside"))

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self._leave()
        elif event.key == "ctrl+s":
            self._keep()
        else:
            self._asked = False
            return
        event.stop()

    def _leave(self) -> None:
        if self.area.text != self._text and not self._asked:
            self._asked = True
            words = _("esc once more leaves it as it was, without what you typed")
            self.query_one(".dialog-hints", Static).update(Content.styled(words, "bold"))
            return
        self.answer(None)

    def _keep(self) -> None:
        text, gateway, row = self.area.text, desk(self).gateway, self._row
        if text == self._text:
            self.answer(None)
        elif not self.area.read_only:
            self.area.read_only = True
            jobs.write(
                self,
                "edit",
                lambda: gateway.edit_comment(row.id, text),
                lambda _nothing: self.Stored(),
            )
