"""The main screen: which command a key means now, and whom the panes' messages are for."""

import difflib
from typing import TypeVar, cast

from textual import events

from pfinbox.i18n import _
from pfinbox.store.rows import TaskPage
from pfinbox.tui.commands import overlay, search
from pfinbox.tui.commands.changes import Changes
from pfinbox.tui.commands.completing import Completing
from pfinbox.tui.commands.family import Family
from pfinbox.tui.commands.task import (
    invite,
)
from pfinbox.tui.commands.writing import composer, mail, sending
from pfinbox.tui.compose.composer import Composer
from pfinbox.tui.contacts import beginning
from pfinbox.tui.conversation.task_pane import TaskPane
from pfinbox.tui.inbox import presence
from pfinbox.tui.inbox.search_bar import SearchBar
from pfinbox.tui.inbox.views_pane import ViewsPane
from pfinbox.tui.main.layout import Layout
from pfinbox.tui.main.refresh import Refresh
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.command import LIST, WORK
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import token
from pfinbox.tui.shell.unused_keys import UnusedKeys
from pfinbox.tui.widgets.command_line import CommandLine
from pfinbox.tui.widgets.completion import CompletionField
from pfinbox.tui.widgets.hint_line import HintLine
from pfinbox.tui.widgets.status_bar import StatusBar

F = TypeVar("F", bound=Family)

# Seconds between two reads of everything, for whatever news did not tell.
EVERYTHING = 30
# Seconds that a daemon may take to start; after that there is none.
STARTS = 15
# Seconds between two families that are imported before their first key.
BRINGS = 0.5


class MainScreen(Layout):
    """The layout with its commands. Families know the layout; nobody but the app knows this."""

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__(agent_id, agent_name)
        self.refreshing = Refresh(self)
        self.changes = Changes(self)
        # Each is there from its first command on: the first page needs none of them.
        self._families: dict[type[Family], Family] = {}
        self.completing = Completing(self)
        # Of the view that is shown first; None: it is still to be read.
        self.first_page: TaskPage | None = None
        self._prefix = ""
        self._unused = UnusedKeys()
        # A command that waits until the conversation of this task is on the screen.
        self._awaiting: tuple[int, str, str] | None = None

    def on_mount(self) -> None:
        self.completing.begin()
        self.go(LIST)
        self.list_pane.show_view("to_answer", page=self.first_page)
        self.set_interval(EVERYTHING, self.reload)
        self.set_interval(presence.LOOK, self.refreshing.attend)

    def daemon_starts(self) -> None:
        """A daemon is started together with this screen."""
        self.status_bar.starting = True
        self.set_timer(STARTS, self.refreshing.no_daemon_came)

    def begin(self) -> None:
        """The store is open: read everything, then bring what the first keys need."""
        self.reload()
        self.set_timer(BRINGS, self.bring_families)

    def bring_families(self) -> None:
        """Import those of the keys in the bottom line, one at a time, while no key waits."""
        known = context(self).keymap.commands.values()
        hinted = [c for c in known if c.hint is not None and LIST in c.where]
        families = (command.by() for command in hinted)
        new = (one for one in families if issubclass(one, Family) and one not in self._families)
        if context(self).keys_waiting:
            self.set_timer(BRINGS, self.bring_families)
        elif (family := next(new, None)) is not None:
            self.family(family)
            self.set_timer(BRINGS, self.bring_families)

    def reload(self, topics: frozenset[str] | None = None) -> None:
        """Read again what is on the screen and may have changed; None: everything."""
        self.refreshing.reload(topics)
        self.family(search.SearchCommands).reload(topics)

    def family(self, family: type[F]) -> F:
        held = self._families.get(family)
        if held is None:
            held = self._families[family] = family(self, self.changes)
        return cast(F, held)

    # --- keys -----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Keys that no field has taken."""
        place = self.place
        if not place:
            return
        self.hint_line.hush()
        self.task_list.steps.starting = False
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
            self._say_unused(place, f"{prefix} {token(event)}")
        elif context(self).keymap.find(LIST, token(event)) is not None:
            context(self).say(_("That is done in the list."))
        else:
            self._say_unused(place, token(event))
        self.hint_line.show(self.place or LIST, self._prefix)

    def _say_unused(self, place: str, key: str) -> None:
        if words := self._unused.words(context(self).keymap, place, key):
            context(self).say(words)

    def run_command(self, name: str, argument: str = "") -> None:
        """Do what a key, the ``:`` line, the palette or a click asks for."""
        if name.startswith("view_"):
            self.family(overlay.OverlayCommands).show_view(name.removeprefix("view_"))
            return
        command = context(self).keymap.commands[name]
        if command.where == (LIST,) and self.shown != LIST:
            context(self).say(_("That is done in the list."))
            return
        waits = command.waits
        if waits is None:
            waits = command.where == WORK and self.target is None
        if waits and self._await(name, argument):
            return
        family = command.by()
        if not issubclass(family, Family):
            context(self).say(_("First open the list that this is done in: g o, g e, g q, C or y."))
        else:
            getattr(self.family(family), name)(argument)

    def _await(self, name: str, argument: str) -> bool:
        """Whether the command waits for its conversation, which is read now.

        Never is it done on that of another task, which is still on the screen (R47).
        """
        task_id, held = self.at_hand, self.task_pane.conversation
        if task_id is None or (held is not None and held.task.id == task_id):
            return False
        self._awaiting = (task_id, name, argument)
        context(self).hold_keys("conversation")
        self.task_pane.show_task(task_id)
        return True

    def on_status_bar_clicked(self, message: StatusBar.Clicked) -> None:
        message.stop()
        self.run_command("accounts")

    def on_hint_line_clicked(self, message: HintLine.Clicked) -> None:
        self.run_command(message.command)

    def on_command_line_entered(self, message: CommandLine.Entered) -> None:
        self.on_command_line_left()
        if message.name.isdigit():
            self.open_number(message.name)
        elif message.name in context(self).keymap.commands:
            self.run_command(message.name, message.argument)
        else:
            self._tell_unknown(message.name)

    def _tell_unknown(self, name: str) -> None:
        """The nearest name that there is helps on."""
        known = {command.replace("_", "-") for command in context(self).keymap.commands}
        near = difflib.get_close_matches(name.replace("_", "-"), known, n=1)
        words = _("There is no command {name}; did you mean :{near}?")
        if not near:
            words = _("There is no command {name}; ? shows them all.")
        context(self).say(words.format(name=name, near=next(iter(near), "")), trouble=True)

    def on_completion_field_wanted(self, message: CompletionField.Wanted) -> None:
        message.stop()
        self.completing.read_names()

    # --- what the panes say ---------------------------------------------------------------------

    def on_result(self, message: workers.Result) -> None:
        message.stop()
        message.then()

    def on_failed(self, message: workers.Failed) -> None:
        """It bubbles on to the app, which says it."""
        self.changes.failed(message.job)
        self.completing.failed(message.job)

    def on_task_pane_conversation_read(self, message: TaskPane.ConversationRead) -> None:
        """The list shows the same state of the task; what waited for the conversation is done."""
        held = message.conversation
        self.task_list.put(held.task)
        self.client_panel.follow(held.task)
        self.refreshing.show_others()
        self.family(invite.InviteCommands).tell_of_joined(held)
        awaiting, self._awaiting = self._awaiting, None
        if awaiting is None or not context(self).holding("conversation"):
            return
        task_id, name, argument = awaiting
        if self.at_hand == task_id == held.task.id:
            self.run_command(name, argument)
            context(self).release_keys("conversation")
        else:
            self._awaiting = awaiting

    def on_views_pane_chosen(self, message: ViewsPane.Chosen) -> None:
        self.family(overlay.OverlayCommands).show_view(message.view)

    def on_search_bar_keep_wanted(self, message: SearchBar.KeepWanted) -> None:
        message.stop()
        self.family(search.SearchCommands).save_search()

    def on_write_to(self, message: "beginning.WriteTo") -> None:
        message.stop()
        self.family(mail.MailCommands).write_to(message.chosen)

    def on_addressing_pick_wanted(self, message: Composer.PickWanted) -> None:
        self.family(composer.ComposerCommands).open_picker(message.writing)

    def on_sending_nobody_chosen(self) -> None:
        self.family(sending.SendCommands).ask_whom()

    def on_sending_quote_asked(self, message: Composer.QuoteAsked) -> None:
        self.family(sending.SendCommands).ask_to_quote(message)

    def on_sending_sent(self, message: Composer.Sent) -> None:
        self.family(sending.SendCommands).tell_sent(message)
