"""Writing: the composer opened and filled, whom the comment goes to, its files."""

from collections.abc import Sequence
from dataclasses import replace

from textual.app import SuspendNotSupported
from textual.content import Content

from pfinbox.errors import PfinboxError
from pfinbox.i18n import _
from pfinbox.services.comments import planning
from pfinbox.tui.commands.family import Family
from pfinbox.tui.commands.writing import bulk
from pfinbox.tui.compose import editor, notify_picker
from pfinbox.tui.compose.attaching import ask_file
from pfinbox.tui.compose.writing import Writing
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.shell.command import LIST
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.outbound.plans import mail_words
from pfinbox.wording.spans import plain


class ComposerCommands(Family):
    """Commands that begin a comment, and those on the comment that is being written."""

    def reply(self, argument: str = "") -> None:
        if self.layout.place == LIST and self.layout.task_list.marked:
            bulk.BulkCommands(self.layout, self.changes).reply_to_marked()
        else:
            self.layout.write("reply")

    def note(self, argument: str = "") -> None:
        self.layout.write("note")

    def reply_all(self, argument: str = "") -> None:
        """An answer to all people of the mail; who is new is named in the plan (R45)."""
        self.layout.write("reply")
        self.layout.task_pane.composer.to_everyone()

    def new_line(self, argument: str = "") -> None:
        self.layout.task_pane.composer.box.type("\n")

    def recipients(self, argument: str = "") -> None:
        """The notify picker."""
        self.layout.task_pane.composer.pick()

    def open_picker(self, writing: Writing) -> None:
        """What the picker starts from is known now."""
        composer = self.layout.task_pane.composer

        def picked(result: "notify_picker.Picked | None") -> None:
            if result is not None and composer.writing is writing:
                composer.set_notify(result.notify, result.names)

        if composer.writing is writing and self.context.holding("picker"):
            picker = notify_picker.NotifyPicker(writing.task_id, writing.notify, writing.mode)
            self.push(picker, picked)
        self.context.release_keys("picker")

    def another_way(self, argument: str = "") -> None:
        """Of the ways by which its recipients can be reached now; later comments are free (R16)."""
        composer, inbox = self.layout.task_pane.composer, self.context.inbox
        writing = composer.writing
        notify = writing.notify if writing is not None else None
        if writing is None or notify is None or notify.internal:
            self.context.say(_("It goes to nobody outside."))
            return
        via = notify.reply_via

        async def load() -> Sequence[Item]:
            found = await inbox.read(
                planning.ways, writing.task_id, notify, answers=writing.answers
            )
            return [
                Item(
                    safe.line(plain(mail_words(plan))),
                    name,
                    checked=name == via,
                    words=name,
                )
                for name, plan in found.items()
            ] or [Item(Content(_("There is no other way to them.")))]

        def chosen(name: str | None) -> None:
            if name is not None and composer.writing is writing:
                composer.set_notify(replace(notify, reply_via=name), composer.names)

        self.push(Choose(Content(_("This comment goes")), load=load, typed=argument), chosen)

    def attach(self, argument: str = "") -> None:
        ask_file(self.layout, self.layout.task_pane.composer.attach, argument)

    def detach(self, argument: str = "") -> None:
        self.layout.task_pane.composer.detach()

    def go_on(self, argument: str = "") -> None:
        """Where the chat goes on in a newer task: there, with what is written here (R4)."""
        composer = self.layout.task_pane.composer
        target = composer.goes_on_in
        if target is None:
            self.context.say(_("This conversation goes on here."))
            return
        text, files = composer.take_along()
        self.layout.open_task(target)
        self.layout.write("reply")
        composer.bring(text, files)

    def editor(self, argument: str = "") -> None:
        """The agent's editor has the terminal until it ends; then its text stands here."""
        box = self.layout.task_pane.composer.box
        if box.read_only:
            return
        try:
            with self.layout.app.suspend():
                text = editor.edit(box.text, editor.command())
        except SuspendNotSupported:
            self.context.say(_("In this terminal no editor can be opened."), trouble=True)
        except PfinboxError as error:
            self.context.say(str(error), trouble=True)
        else:
            box.put(text)
