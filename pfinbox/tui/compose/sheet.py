"""A text on a sheet of its own, over the panes: its keys, files, canned replies and draft."""

from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

from textual import events
from textual.app import SuspendNotSupported
from textual.content import Content
from textual.widgets import TextArea

from pfinbox.errors import PfinboxError
from pfinbox.i18n import _
from pfinbox.services.comments import canned
from pfinbox.store.rows import CannedRow
from pfinbox.tui.compose import editor
from pfinbox.tui.compose.attaching import ask_file
from pfinbox.tui.compose.draft_keeper import DraftKeeper
from pfinbox.tui.compose.ready.canned_offer import canned_items
from pfinbox.tui.compose.writing import Writing
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.command import COMPOSER
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled, token
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.tui.widgets.text_box import TextBox

T = TypeVar("T")


class Sheet(Dialog[T], Generic[T]):
    """The keys are those of the composer; a command is a method ``command_NAME``."""

    def __init__(self, title: Content, writing: Writing) -> None:
        super().__init__(title)
        self.writing: Writing = writing
        self.drafts = DraftKeeper(self)

    @property
    def box(self) -> TextBox:
        return self.query_one(TextBox)

    def keys_of(self, *named: tuple[str, str], others: Sequence[str]) -> Content:
        """Keys of commands with what they do here, as in the bottom line; then ``others``."""
        keymap = context(self).keymap
        keys = [(keymap.shown(name), words) for name, words in named]
        parts = [
            Content.assemble((spelled(key), "$text-accent"), " ", words)
            for key, words in keys
            if key
        ]
        return Content(" · ").join([*parts, *map(Content, others)])

    def changed(self) -> None:
        """The text, or what goes with it, is another one."""

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        message.stop()
        self.changed()

    def on_failed(self, message: workers.Failed) -> None:
        """The app says it; what was written stays."""
        if message.job == "draft":
            self.drafts.failed()

    # --- keys -----------------------------------------------------------------------------------

    def walked_by(self, key: str) -> bool:
        """Whether the key goes from field to field; then it has."""
        return False

    def on_key(self, event: events.Key) -> None:
        if self.walked_by(event.key):
            event.stop()
            return
        found = context(self).keymap.find(COMPOSER, token(event))
        command = found.command if found is not None else None
        method = getattr(self, f"command_{command}", None)
        if event.key == "escape":
            method = self.leave
        if method is not None:
            event.stop()
            method()

    def leave(self) -> None:
        """The draft is kept."""
        self.drafts.flush()
        self.answer(None)

    def command_writing_keys(self) -> None:
        context(self).open_help(COMPOSER)

    def command_new_line(self) -> None:
        self.box.type("\n")

    def command_attach(self) -> None:
        def attach(path: Path) -> None:
            self.writing.files.append(path)
            self.changed()

        ask_file(self, attach)

    def command_detach(self) -> None:
        if self.writing.files:
            self.writing.files.pop()
            self.changed()

    def command_canned(self) -> None:
        inbox = context(self).inbox

        async def load() -> Sequence[Item]:
            items = canned_items(await inbox.read(canned.listed))
            return items or [Item(Content(_("There are no canned replies yet.")))]

        def chosen(row: CannedRow | None) -> None:
            if row is not None:
                self.put_in(row)

        self.app.push_screen(Choose(Content(_("Canned replies")), load=load), chosen)

    def put_in(self, row: CannedRow) -> None:
        """A canned reply as it is, with its places."""
        self.box.type(row.text)

    def command_editor(self) -> None:
        if self.box.fixed:
            return
        try:
            with self.app.suspend():
                text = editor.edit(self.box.text, editor.command())
        except SuspendNotSupported:
            context(self).say(_("In this terminal no editor can be opened."), trouble=True)
        except PfinboxError as error:
            context(self).say(str(error), trouble=True)
        else:
            self.box.put(text)
