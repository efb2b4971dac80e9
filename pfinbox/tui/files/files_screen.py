"""The files of a comment: seen in place, saved, opened, fetched to another machine."""

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.content import Content
from textual.message import Message

from pfinbox.domain.text.filename import file_name
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.store.rows import AttachmentRow
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.dialogs.overlay import Overlay
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.dialogs.reading import Reading
from pfinbox.tui.files import saving
from pfinbox.tui.files.picture import picture
from pfinbox.tui.files.preview import image_size, preview
from pfinbox.tui.shell import paths, workers
from pfinbox.tui.shell.command import FILES
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import byte_size


class FilesScreen(Overlay):
    """Names are strangers' words; nothing is opened or written before it is asked for.

    Answers with a sentence where there is nothing to look at.
    """

    place: ClassVar[str] = FILES

    @dataclass
    class Put(Message):
        """A file is on this machine now."""

        path: Path

    @dataclass
    class Ready(Message):
        """A copy that another program may open."""

        path: Path

    @dataclass
    class Read(Message):
        files: tuple[AttachmentRow, ...]

    def __init__(self, task_id: int, comment_id: int | None, title: str | None = None) -> None:
        super().__init__(Content(title or _("Files")))
        self._of = task_id, comment_id
        self.files: tuple[AttachmentRow, ...] = ()

    def reload(self, topics: frozenset[str] | None = None) -> None:
        """A comment's files do not change while one looks."""
        if topics is None:
            inbox = context(self).inbox
            workers.read(self, "overlay", lambda: self.rows(inbox), self.Read)

    # --- what is looked at: another list of files says it otherwise -----------------------------

    async def rows(self, inbox: Inbox) -> tuple[AttachmentRow, ...]:
        return await inbox.read(queries.files, *self._of)

    async def content(self, inbox: Inbox, row: AttachmentRow) -> bytes:
        return await inbox.read(queries.attachment_content, row.id)

    def getting(self, row: AttachmentRow) -> Sequence[str]:
        """The command of pfinbox that gets the file."""
        return ("attachment", "get", str(row.id))

    def on_files_screen_read(self, message: Read) -> None:
        self.files = message.files
        if not self.files:
            context(self).release_keys("choose")
            self.answer(_("There is no file here."))
            return
        self.pick_list.show(
            [
                Item(
                    safe.line(row.name, limit=200),
                    row.id,
                    safe.line(f"{row.media_type}, {byte_size(row.size)}", "$foreground-muted", 80),
                )
                for row in self.files
            ]
        )
        context(self).release_keys("choose")

    def run_command(self, name: str) -> None:
        if self.files or name == "back":
            super().run_command(name)

    @property
    def current(self) -> AttachmentRow:
        """The file under the cursor."""
        return next((f for f in self.files if f.id == self.pick_list.value), self.files[0])

    def command_open(self) -> None:
        """What can be seen of it here."""
        row, inbox, size = self.current, context(self).inbox, self.app.size

        async def load() -> Question:
            content = await self.content(inbox, row)
            lines = [safe.block(await preview(row.media_type, content))]
            if image_size(content) is not None:
                # What a dialog leaves for it, without scrolling.
                width, height = min(size.width - 14, 64), size.height // 2 - 2
                shown = await picture(content, width, height)
                lines += [Content(""), shown] if shown is not None else []
            return Question(lines, [])

        self.app.push_screen(Reading(safe.line(row.name, limit=100), load))

    def command_save_file(self) -> None:
        row = self.current
        name = file_name(row.name, row.id)
        machine = context(self).machine

        def answered(text: str | None) -> None:
            if text is None:
                return

            async def put(inbox: Inbox) -> Path:
                return saving.save(machine.place(text, name), await self.content(inbox, row))

            workers.write(self, "save", put, self.Put, apart=True)

        title = _("Save as (another file of this name stays)")
        completions = paths.complete if not machine.restricted else None
        proposed = machine.proposed(name)
        dialog = Prompt(Content(title), proposed, completions=completions, suggested=True)
        self.app.push_screen(dialog, answered)

    def on_files_screen_put(self, message: Put) -> None:
        self.say(_("Saved: {path}").format(path=message.path))

    def command_open_file(self) -> None:
        """By the program of the desktop; what could run something is asked about."""
        row = self.current
        name = file_name(row.name, row.id)
        if (why_not := _no_desktop()) is not None:
            self.say(why_not)
        elif saving.may_run(name):

            async def load() -> Question:
                words = _("Such a file may run programs on this machine. Do you trust the sender?")
                return Question([Content(words)], [Item(Content(_("open it")), "yes")])

            ask = Ask(safe.line(row.name, limit=100), load)
            self.app.push_screen(ask, lambda answer: self._open(row, name) if answer else None)
        else:
            self._open(row, name)

    def _open(self, row: AttachmentRow, name: str) -> None:
        async def copy(inbox: Inbox) -> Path:
            return saving.save_to_open(name, await self.content(inbox, row))

        workers.write(self, "open", copy, self.Ready, apart=True)

    def on_files_screen_ready(self, message: Ready) -> None:
        try:
            subprocess.Popen(
                [_opener(), str(message.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            words = _("{path} cannot be opened: {detail}")
            self.say(words.format(path=message.path.name, detail=error.strerror))

    def command_fetch_line(self) -> None:
        """Over ssh: a line for the shell of the machine at which the agent sits.

        Shown as well: whether a terminal took it for its clipboard cannot be known.
        """
        row = self.current
        name = file_name(row.name, row.id)
        line = saving.fetching([*context(self).machine.program, *self.getting(row)], name)
        context(self).copy_to_clipboard(line)

        async def load() -> Question:
            words = _("Copied, where the terminal allows it. In a shell of your own machine:")
            return Question([Content(words), Content(""), safe.line(line, limit=2000)], [])

        self.app.push_screen(Reading(Content(_("Fetch it over ssh")), load))


def _opener() -> str:
    return "open" if platform.system() == "Darwin" else "xdg-open"


def _no_desktop() -> str | None:
    if os.environ.get("SSH_CONNECTION"):
        return _("Over ssh there is nothing to open it with: s saves it, c copies how to fetch it.")
    shown = platform.system() == "Darwin" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not shown or shutil.which(_opener()) is None:
        return _("There is no desktop here to open it with: s saves it.")
    return None
