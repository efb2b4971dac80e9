"""The terminal that an agent works in: one app, one main screen, dialogs over it."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.driver import Driver
from textual.worker import WorkerCancelled, WorkerFailed

from pfinbox.domain.text.cleaning import clean
from pfinbox.errors import PfinboxError
from pfinbox.i18n import _
from pfinbox.services.people import preferences, presence
from pfinbox.store.rows import TaskPage
from pfinbox.tui.commands.table import commands
from pfinbox.tui.dialogs import palette, quitting
from pfinbox.tui.dialogs.help import HelpScreen
from pfinbox.tui.dialogs.overlay import Overlay
from pfinbox.tui.main.failures import Failures
from pfinbox.tui.main_screen import MainScreen
from pfinbox.tui.settings import bell, colours, settings_screen
from pfinbox.tui.settings.bell import Quiet
from pfinbox.tui.shell import change_listener, workers
from pfinbox.tui.shell.context import Notices
from pfinbox.tui.shell.keymap import Keymap
from pfinbox.tui.shell.machine import Machine
from pfinbox.tui.shell.sparing import sparing
from pfinbox.wording.names import whole
from pfinbox.wording.times import Clock

if TYPE_CHECKING:
    from pfinbox.services.inbox import Inbox


def _now() -> datetime:
    return datetime.now(UTC)


class PfinboxApp(Failures):
    """The inbox of one agent.

    ``undo_send``: seconds that a comment to a client can be taken back; ``rest``: those that the
    cursor stays on a task before its conversation is read; ``read_after``: those after which what
    stands beside the list counts as read, 0: never. ``keymap``: the agent's own
    keys by command name. ``clock`` gives the time in UTC. ``on_quit`` gives a sentence about what
    stops with this program, None when nothing does; then quitting does not ask. ``notices``: how a
    new message is told outside the screen (``bell.notice``), never in the hours of ``quiet``;
    ``look``: what the agent chose before (``services.people.preferences``) wins over ``theme``.
    ``machine``: what the agent may reach on this one. ``daemon_starts``: whether one is on its way,
    asked when the store is open. ``page``: the first one, where it is known before that.
    ``terminal`` writes an escape sequence, to Textual's driver unless told otherwise. ``at_rest``
    is called when the agent has not typed for a moment: for what would keep a key waiting.
    """

    CSS_PATH = "pfinbox.tcss"
    TITLE = "pfinbox"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar = []

    def __init__(  # noqa: PLR0913 all that a test may replace
        self,
        inbox: "Inbox",
        *,
        agent_name: str,
        undo_send: float = 10,
        rest: float = 0.08,
        read_after: float = 0,
        keymap: Mapping[str, str | Sequence[str]] | None = None,
        clock: Callable[[], datetime] = _now,
        zone: tzinfo | None = None,
        theme: str | None = None,
        on_quit: Callable[[], str | None] | None = None,
        daemon_starts: Callable[[], bool] = lambda: False,
        notices: str = "bell",
        quiet: Quiet | None = None,
        terminal: Callable[[str], None] | None = None,
        look: Mapping[str, Any] | None = None,
        machine: Machine | None = None,
        page: TaskPage | None = None,
        at_rest: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(at_rest)
        colours.offer(self)
        self.inbox = inbox
        self.agent_name = agent_name
        self.undo_seconds = undo_send
        self.rest_seconds = rest
        self.read_after = read_after
        self.machine = machine or Machine()
        self.keymap = Keymap(commands(), keymap, self.machine.without)
        self._clock = clock
        self._zone = zone
        self._look = dict(look or {})
        # What the agent chose last, else the configuration's, else our own.
        self._wanted_themes = [one for one in (self._look.get("theme"), theme) if one]
        self._on_quit = on_quit
        self._daemon_starts = daemon_starts
        self._page = page
        self.lost = ""
        hours = str(quiet) if quiet is not None else ""
        self.notices = Notices(
            self._look.get("notices", notices), self._look.get("quiet_hours", hours)
        )
        self._ringer = bell.Ringer(terminal or self._write_raw)
        # The first rows are there, or do not come: everything else is read, and news is heard.
        self._begun = False

    def get_driver_class(self) -> type[Driver]:
        return sparing(super().get_driver_class())

    def get_default_screen(self) -> MainScreen:
        screen = MainScreen(self.inbox.actor.id, self.agent_name)
        share = self._look.get("list_share")
        if isinstance(share, int):
            screen.list_share = share
        screen.first_page = self._page
        screen.client_shown = bool(self._look.get("client_panel"))
        return screen

    @property
    def main(self) -> MainScreen:
        """The screen under all dialogs."""
        return cast(MainScreen, self.screen_stack[0])

    def on_mount(self) -> None:
        if words := colours.wear(self, self._wanted_themes):
            self.say(words, trouble=True)
        self.throttle = change_listener.Throttle(self.main, self._reload)
        # Keys typed before the first list is there wait for it.
        self.hold_keys("start", patience=30)

    def on_list_reading_first_shown(self) -> None:
        """Everything beside the list is read after its first rows: nobody waits for a count.

        Nor do the rows wait for the store, where they are there before it is open.
        """
        self.call_after_refresh(self.first_shown)

    def first_shown(self) -> None:
        if not self._begun:
            self._begun = True
            self.run_worker(self._go_on(), name="open", group="open", exit_on_error=False)

    async def _go_on(self) -> None:
        try:
            await self.inbox.opened()
        except PfinboxError as error:
            self.exit(return_code=error.exit_code, message=str(error))
            return
        if self._daemon_starts():
            self.main.daemon_starts()
        self.main.begin()
        self.await_rest()
        self.run_worker(
            change_listener.listen(self.main, self.inbox.changes),
            name="live",
            group="live",
            exit_on_error=False,
        )

    # --- the context ----------------------------------------------------------------------------

    def present(self) -> Clock:
        """The time now, in the agent's zone."""
        return Clock(self._clock(), self._zone)

    def say(self, sentence: str, *, trouble: bool = False) -> None:
        """A notice for some seconds, calm in the bottom line; trouble stands out."""
        sentence = whole(clean(sentence))
        if trouble:
            self.notify(sentence, severity="error", timeout=8, markup=False)
        elif isinstance(self.screen, Overlay):
            self.screen.say(sentence)
        else:
            self.main.hint_line.say(sentence)

    def keys_done(self) -> None:
        self.main.list_pane.catch_up()
        self.await_rest()

    def keys_dropped(self) -> None:
        self.say(_("What was typed meanwhile is not taken."), trouble=True)

    def ring(self, unread: int, words: str) -> None:
        self._ringer.ring(self.notices, unread, words, self.present())

    def _write_raw(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    def set_notices(self, notices: Notices) -> None:
        """How this agent is told of new messages, from now on and the next time too."""
        self.notices = notices
        self.remember(notices=notices.how, quiet_hours=notices.hours)

    def remember(self, **values: Any) -> None:
        """How the screen shall look the next time; of several changes the last one stays."""
        self._look |= values
        look = dict(self._look)
        # One after another, as reads are: two writes side by side may end in either order.
        workers.read(
            self,
            "look",
            lambda: self.inbox.write(preferences.remember, **look),
            lambda _n: workers.Result(),
        )

    # --- news -----------------------------------------------------------------------------------

    def on_changed(self, message: change_listener.Changed) -> None:
        self.is_lost("")
        self.throttle(message.topics)

    def on_lost(self, message: change_listener.Lost) -> None:
        self.is_lost(message.sentence)

    def is_lost(self, sentence: str) -> None:
        if sentence != self.lost:
            self.lost = sentence
            self.main.refreshing.lost(sentence)
            if sentence:
                self.set_timer(1, lambda: self._reload(None))

    def _reload(self, topics: frozenset[str] | None) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen | Overlay):
                screen.reload(topics)

    # --- commands of the program ----------------------------------------------------------------

    def run_command(self, name: str) -> None:
        self.main.run_command(name)

    def open_help(self, place: str) -> None:
        self.push_screen(HelpScreen(self.keymap, self.main.status_bar.accounts, place))

    def open_settings(self) -> None:
        def go_on(command: str | None) -> None:
            if command is not None:
                self.run_command(command)

        self.push_screen(settings_screen.SettingsScreen(), go_on)

    def action_command_palette(self) -> None:
        self.open_palette()

    def open_palette(self) -> None:
        """Over the panes, or over a overlay; a dialog has a question of its own."""
        screen = self.screen
        if not isinstance(screen, MainScreen | Overlay):
            return

        def chosen(name: str | None) -> None:
            if name is not None:
                screen.run_command(name)

        overlay = screen.place if isinstance(screen, Overlay) else ""
        self.push_screen(palette.palette(self.keymap, overlay), chosen)

    async def action_quit(self) -> None:
        """Textual's own way to quit (ctrl+q anywhere) is ours."""
        self.ask_to_quit()

    def ask_to_quit(self) -> None:
        """Quit; where something stops with this program, say what and ask."""
        # It is asked at any time: keys that wait are not the answer.
        self.drop_keys()
        stops = self._on_quit() if self._on_quit is not None else None
        if stops is None or isinstance(self.screen, quitting.Quitting):
            self._quit()
        else:
            self.push_screen(quitting.Quitting(stops), lambda sure: self._quit() if sure else None)

    def _quit(self) -> None:
        self.run_worker(self._leave(), name="quit", group="quit", exit_on_error=False)

    async def _leave(self) -> None:
        """Nothing that was typed is lost: the draft is stored before the program ends."""
        self.main.task_pane.composer.keep()
        await self.finish()
        self._ringer.leave()
        with contextlib.suppress(PfinboxError, OSError):
            await self.inbox.write(presence.leave, self.main.refreshing.attention.process)
        self.exit()

    async def finish(self) -> None:
        """Let every job end that is under way; a cut one would leave its connection behind."""
        await self.stop_listening()
        under_way = [worker for worker in self.workers if worker.group not in ("live", "quit")]
        if under_way:
            await self.workers.wait_for_complete(under_way)

    async def stop_listening(self) -> None:
        """No more news from other processes."""
        for worker in self.workers:
            if worker.group == "live":
                worker.cancel()
                with contextlib.suppress(WorkerCancelled, WorkerFailed):
                    await worker.wait()
