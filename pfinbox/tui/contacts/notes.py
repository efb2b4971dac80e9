"""Notes on a card, which no contact ever sees (R31); kept as they are typed."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import TextArea

from pfinbox.domain.text.cleaning import clean
from pfinbox.i18n import _
from pfinbox.services.people import contacts
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context


class Kept(Message):
    """The notes are stored as they were typed so far."""


class Notes(Dialog[bool]):
    """Escape is all that it takes to be done."""

    def __init__(self, contact_id: int, notes: str) -> None:
        super().__init__(Content(_("Notes that no contact sees")))
        self._contact_id = contact_id
        self._notes = clean(notes)

    def body(self) -> list[Widget]:
        return [
            TextArea(
                self._notes,
                id="canned-text",
                soft_wrap=True,
                compact=True,
                highlight_cursor_line=False,
            )
        ]

    def hints(self) -> Content:
        return Content(_("kept as you type · esc done"))

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        text, inbox, contact_id = message.text_area.text, context(self).inbox, self._contact_id
        if text == self._notes:
            return
        self._notes = text
        # On the app: closing the dialog does not cut it; of several changes the last one stays.
        workers.read(
            self.app,
            f"notes {contact_id}",
            lambda: inbox.write(contacts.set_, contact_id, notes=text),
            lambda _nothing: Kept(),
        )

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+s"):
            event.stop()
            self.answer(True)
