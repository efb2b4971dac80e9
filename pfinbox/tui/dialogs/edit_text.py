"""Another text for something that is kept; it stays in the dialog until the store has it."""

from collections.abc import Awaitable, Callable

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static, TextArea

from pfinbox.domain.text.cleaning import clean
from pfinbox.i18n import _
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell import workers


class EditText(Dialog[bool]):
    """``store`` keeps the text; what it refuses stays in the dialog. True: something changed."""

    class Stored(Message):
        """The new text is kept."""

    def __init__(self, title: Content, text: str, store: Callable[[str], Awaitable[None]]) -> None:
        super().__init__(title)
        self._text = clean(text)
        self._store = store
        self._asked = False

    def body(self) -> list[Widget]:
        return [
            TextArea(
                self._text,
                id="canned-text",
                soft_wrap=True,
                compact=True,
                highlight_cursor_line=False,
            )
        ]

    def hints(self) -> Content:
        return Content(_("^s keep · esc leave it as it was"))

    @property
    def area(self) -> TextArea:
        return self.query_one(TextArea)

    def on_mount(self) -> None:
        self.area.move_cursor(self.area.document.end)

    def on_failed(self, message: workers.Failed) -> None:
        """The app says why."""
        self.area.read_only = False

    def on_edit_text_stored(self) -> None:
        self.answer(True)

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
        text, store = self.area.text, self._store
        if text == self._text:
            self.answer(None)
        elif not self.area.read_only:
            self.area.read_only = True
            workers.write(self, "edit", lambda _inbox: store(text), lambda _nothing: self.Stored())
