"""The main screen: which command a key means now, and the commands of writing."""

from datetime import timedelta

from textual import events
from textual.app import SuspendNotSupported
from textual.content import Content

from pfinbox.domain.text.canned import fill, person_values
from pfinbox.errors import PfinboxError, UsageError
from pfinbox.i18n import _
from pfinbox.services.comments import canned
from pfinbox.store.rows import CannedRow
from pfinbox.tui.compose import editor
from pfinbox.tui.compose.attaching import ask_file
from pfinbox.tui.compose.canned_editor import CannedEditor, Edited
from pfinbox.tui.compose.composer import Composer
from pfinbox.tui.compose.notify_picker import NotifyPicker, Picked
from pfinbox.tui.conversation.task_pane import TaskPane
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.help import HelpScreen
from pfinbox.tui.main.commenting import Commenting
from pfinbox.tui.main.failed_deliveries import Mending
from pfinbox.tui.main.forwarding import Forwarding
from pfinbox.tui.main.inviting import Inviting
from pfinbox.tui.main.merge_commands import Joining
from pfinbox.tui.main.moving import Moving
from pfinbox.tui.main.overlays import Overlays
from pfinbox.tui.main.portal_preview import Seeing
from pfinbox.tui.main.scheduling import Scheduling
from pfinbox.tui.main.searching import Searching
from pfinbox.tui.main.to_many import ToMany
from pfinbox.tui.main.working import Working
from pfinbox.tui.shell.commands import COMPOSER, LIST, PANES, WORK
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import token
from pfinbox.tui.shell.undo import Comment
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.command_line import CommandLine
from pfinbox.tui.widgets.hint_line import HintLine
from pfinbox.tui.widgets.pick_list import Item

# Commands on the conversation as it is shown, besides those on a comment.
ON_CONVERSATION = ("next_comment", "previous_comment", "previous_task", "unfold", "retry",
                   "dismiss", "as_client", "files")  # fmt: skip
# These open the composer at once, and find what they need as soon as it is read.
AT_ONCE = ("reply", "reply_all", "note", "quote")


class MainScreen(
    Scheduling,
    Overlays,
    Searching,
    ToMany,
    Moving,
    Inviting,
    Commenting,
    Forwarding,
    Seeing,
    Joining,
    Mending,
    Working,
):
    """Every command of the table that is not the app's own is a method ``command_NAME``."""

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__(agent_id, agent_name)
        self._prefix = ""
        # A command that waits until the conversation of this task is on the screen.
        self._awaiting: tuple[int, str, str] | None = None

    # --- keys -----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Keys that no field has taken."""
        place = self.place
        if not place:
            return
        self.hint_line.hush()
        prefix, self._prefix = self._prefix, ""
        found = context(self).keymap.find(place, token(event), prefix)
        if found is not None:
            event.stop()
            event.prevent_default()
            if found.command is not None:
                self.run_command(found.command)
            else:
                self._prefix = found.prefix
        elif prefix:
            event.stop()
            event.prevent_default()
        self.hint_line.show(self.place or LIST, self._prefix)

    def run_command(self, name: str, argument: str = "") -> None:
        """Do what a key, the ``:`` line, the palette or a click asks for."""
        if name.startswith("view_"):
            self.show_view(name.removeprefix("view_"))
            return
        command = context(self).keymap.commands[name]
        if command.where == (LIST,) and self._shown != LIST:
            context(self).say(_("That is done in the list."))
            return
        task_id, held = self.at_hand, self.task_pane.conversation
        on_it = command.group == "comment" or name in ON_CONVERSATION
        on_it |= command.where == WORK and self.target is None
        on_it &= name not in AT_ONCE
        if on_it and task_id is not None and (held is None or held.task.id != task_id):
            # Never on the conversation of another task, which is still on the screen (R47).
            self._awaiting = (task_id, name, argument)
            context(self).hold_keys("conversation")
            self.task_pane.show_task(task_id)
            return
        method = getattr(self, f"command_{name}", None) or getattr(self.app, f"command_{name}")
        method(argument)

    def on_task_pane_conversation_read(self, message: TaskPane.ConversationRead) -> None:
        """What was asked of this conversation can be done now, where its keys still wait."""
        awaiting, self._awaiting = self._awaiting, None
        if awaiting is None or not context(self).holding("conversation"):
            return
        task_id, name, argument = awaiting
        if self.at_hand == task_id == message.conversation.task.id:
            self.run_command(name, argument)
            context(self).release_keys("conversation")
        else:
            self._awaiting = awaiting

    def on_hint_line_clicked(self, message: HintLine.Clicked) -> None:
        self.run_command(message.command)

    # --- writing --------------------------------------------------------------------------------

    def command_reply(self, argument: str = "") -> None:
        if not self.reply_to_marked():
            self.write("reply")

    def command_note(self, argument: str = "") -> None:
        self.write("note")

    def command_reply_all(self, argument: str = "") -> None:
        """An answer to all people of the mail; who is new is named in the plan (R45)."""
        self.write("reply")
        self.task_pane.composer.to_everyone()

    def command_send(self, argument: str = "") -> None:
        self.task_pane.composer.send()

    def command_new_line(self, argument: str = "") -> None:
        self.task_pane.composer.box.type("\n")

    def command_recipients(self, argument: str = "") -> None:
        """The notify picker."""
        self.task_pane.composer.pick()

    def on_composing_pick_wanted(self, message: Composer.PickWanted) -> None:
        composer, writing = self.task_pane.composer, message.writing

        def picked(result: Picked | None) -> None:
            if result is not None and composer.writing is writing:
                composer.set_notify(result.notify, result.names)

        if composer.writing is writing and context(self).holding("picker"):
            picker = NotifyPicker(writing.task_id, writing.notify, writing.mode)
            self.app.push_screen(picker, picked)
        context(self).release_keys("picker")

    def command_attach(self, argument: str = "") -> None:
        ask_file(self, self.task_pane.composer.attach, argument)

    def command_go_on(self, argument: str = "") -> None:
        """Where the chat goes on in a newer task: there, with what is written here (R4)."""
        composer = self.task_pane.composer
        target = composer.goes_on_in
        if target is None:
            context(self).say(_("This conversation goes on here."))
            return
        text, files = composer.take_along()
        self.open_task(target)
        self.write("reply")
        composer.bring(text, files)

    def command_editor(self, argument: str = "") -> None:
        """The agent's editor has the terminal until it ends; then its text stands here."""
        box = self.task_pane.composer.box
        if box.read_only:
            return
        try:
            with self.app.suspend():
                text = editor.edit(box.text, editor.command())
        except SuspendNotSupported:
            context(self).say(_("In this terminal no editor can be opened."), trouble=True)
        except PfinboxError as error:
            context(self).say(str(error), trouble=True)
        else:
            box.put(text)

    # --- canned replies -------------------------------------------------------------------------

    def command_canned(self, argument: str = "") -> None:
        """Put one in at the cursor, filled in for this task."""
        composer = self.task_pane.composer
        writing, held = composer.writing, self.task_pane.conversation

        def chosen(row: CannedRow | None) -> None:
            if row is None or writing is None or composer.writing is not writing:
                return
            if held is None or held.task.id != writing.task_id:
                words = _("The conversation is still being read; try again.")
                context(self).say(words, trouble=True)
                return
            task, values = held.task, person_values("agent", self.agent_name)
            values |= {"task.title": task.title, "task.number": f"#{task.id}"}
            values |= person_values("client", task.contact.name if task.contact else "")
            try:
                composer.box.type(fill(row.text, values))
            except UsageError as error:
                context(self).say(str(error), trouble=True)

        self.app.push_screen(Choose(Content(_("Canned replies")), load=self._canned), chosen)

    async def _canned(self) -> list[Item]:
        rows = await context(self).inbox.read(canned.listed)
        return [Item(safe.line(row.name), row, safe.line(row.text, "dim", 30)) for row in rows] or [
            Item(Content(_("None yet: ctrl+e makes one of what is written.")))
        ]

    def command_canned_edit(self, argument: str = "") -> None:
        """Choose one to change, or make one of what is written."""
        text, inbox = self.task_pane.composer.box.text, context(self).inbox

        async def load() -> list[Item]:
            new = Item(Content(_("a new one, of what is written here")), "new")
            rows = [item for item in await self._canned() if item.value is not None]
            return [new, *rows]

        def edited(result: Edited | None) -> None:
            if result is not None:
                values = (result.name, result.text, result.id)
                words = _("Kept") if result.text else _("Removed")
                self._act("canned", words, lambda: inbox.write(canned.keep, *values))

        def chosen(value: object) -> None:
            if isinstance(value, CannedRow):
                self.app.push_screen(CannedEditor(value), edited)
            elif value == "new":
                self.app.push_screen(CannedEditor(text=text), edited)

        self.app.push_screen(Choose(Content(_("Change a canned reply")), load=load), chosen)

    def command_detach(self, argument: str = "") -> None:
        self.task_pane.composer.detach()

    def on_composer_sent(self, message: Composer.Sent) -> None:
        clock = context(self).present()
        due = message.saved.due_at
        if message.internal:
            words = _("Note kept")
        elif due is not None and due > clock.now + timedelta(minutes=1):
            words = _("Goes out {time} (z takes it back)").format(time=clock.moment(due))
        elif due is not None and due > clock.now:
            seconds = round((due - clock.now).total_seconds())
            words = _("Sends in {n} s (z takes it back)").format(n=seconds)
        else:
            words = _("On its way")
        if not message.internal:
            self.undo_stack.push(Comment(message.task_id, message.saved.comment_id))
        context(self).say(words)
        self._leave_composer()
        context(self).release_keys("send")
        self.changed()

    def on_composer_closed(self) -> None:
        # Unless it is open for another task by now.
        if self.task_pane.composer.writing is None:
            self._leave_composer()

    def on_descendant_focus(self) -> None:
        """A click into another pane while something is being written ends the right to go back."""
        super().on_descendant_focus()
        if self.task_pane.composer.writing is not None and self.place in PANES:
            self._composing = False

    def _leave_composer(self) -> None:
        # Not by the focus: Textual moves it away from a field that is hidden.
        if self._composing or self.place == COMPOSER:
            self._composing = False
            self.go(self._came_from if self._came_from in PANES else LIST)
            self.show_beside()

    # --- the program ----------------------------------------------------------------------------

    def command_search(self, argument: str = "") -> None:
        self._at(LIST)
        self.list_pane.open_search(argument)

    def command_command_line(self, argument: str = "") -> None:
        self._came_from = self.place or LIST
        self.query_one(CommandLine).open()
        self.hint_line.add_class("-covered")

    def on_command_line_left(self) -> None:
        self.hint_line.remove_class("-covered")
        self.go(self._came_from)

    def on_command_line_entered(self, message: CommandLine.Entered) -> None:
        self.on_command_line_left()
        if message.name.isdigit():
            self.open_number(message.name)
        elif message.name in context(self).keymap.commands:
            self.run_command(message.name, message.argument)
        else:
            words = _("There is no command {name}").format(name=message.name)
            context(self).say(words, trouble=True)

    def command_help(self, argument: str = "") -> None:
        self.app.push_screen(HelpScreen(context(self).keymap))
