"""Another text for a comment, and what the change does outside, said before it is made."""

from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.services.comments import corrections
from pfinbox.services.comments.corrections import Outlook
from pfinbox.store.rows import CommentRow
from pfinbox.tui.dialogs.edit_text import EditText
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.wording.outbound.corrections import edit_words


class EditComment(EditText):
    """``outlook``: what the change does outside."""

    @dataclass
    class Foreseen(Message):
        outlook: Outlook

    def __init__(self, row: CommentRow) -> None:
        super().__init__(Content(_("Edit your comment")), row.text, self._store_comment)
        self._row = row
        self.outlook = Outlook("inside")

    async def _store_comment(self, text: str) -> None:
        await context(self).inbox.write(corrections.edit_comment, self._row.id, text)

    def body(self) -> list[Widget]:
        return [*super().body(), Static(classes="dialog-aside", id="outlook")]

    def on_mount(self) -> None:
        inbox, row = context(self).inbox, self._row
        workers.read(
            self,
            "outlook",
            lambda: inbox.read(corrections.outlook, row.id, deleting=False),
            self.Foreseen,
        )

    def on_edit_comment_foreseen(self, message: Foreseen) -> None:
        self.outlook = message.outlook
        self.query_one("#outlook", Static).update(safe.line(edit_words(message.outlook)))

    def on_failed(self, message: workers.Failed) -> None:
        """What cannot be foreseen cannot be changed."""
        if message.job == "outlook":
            self.answer(None)
