"""The main screen's panes: how they are laid out, which one has the keys, what is read again."""

from dataclasses import dataclass
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from pfinbox.services import queries
from pfinbox.services.people.presence import see
from pfinbox.services.queries import Health
from pfinbox.store.rows import NewsRow, PresenceRow, ViewCount
from pfinbox.tui.conversation.task_pane import TaskPane
from pfinbox.tui.inbox import presence
from pfinbox.tui.inbox.list_pane import ListPane
from pfinbox.tui.inbox.task_list import TaskList
from pfinbox.tui.inbox.views_pane import ViewsPane
from pfinbox.tui.settings import bell
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.change_listener import Changed
from pfinbox.tui.shell.commands import COMPOSER, LIST, TASK, VIEWS
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets.command_line import CommandLine
from pfinbox.tui.widgets.hint_line import HintLine
from pfinbox.tui.widgets.status_bar import StatusBar
from pfinbox.tui.widgets.text_box import TextBox

# Narrower terminals show one pane at a time.
WIDE = 100
# In hundredths of the room for list and task.
LIST_SHARE, LEAST_SHARE, STEP = 40, 20, 5


class Workplace(Screen[None]):
    """Views, list and task beside each other, or one at a time where the terminal is narrow."""

    # Textual declares it as if it were an instance's.
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (WIDE, "-wide"),
        (150, "-broad"),
    ]
    AUTO_FOCUS = ""

    @dataclass
    class ViewsRead(Message):
        views: tuple[ViewCount, ...]

    @dataclass
    class HealthRead(Message):
        health: Health

    @dataclass
    class NewsRead(Message):
        news: NewsRow

    @dataclass
    class ColleaguesRead(Message):
        rows: tuple[PresenceRow, ...]

    class Told(Message):
        """Something is written down that changes nothing on this screen."""

    @dataclass
    class StatusesRead(Message):
        statuses: tuple[tuple[str, bool], ...]

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__()
        self.agent_id = agent_id
        self.agent_name = agent_name
        # Names and whether active, in the configured order.
        self.statuses: tuple[tuple[str, bool], ...] = ()
        self.attention = presence.Attention()
        self._ear = bell.Ear()
        self.zoomed = False
        self._shown = LIST
        # Of the room for list and task, so much is the list's.
        self._list_share = LIST_SHARE
        self._others: presence.Others = {}

    def compose(self) -> ComposeResult:
        yield StatusBar(self.agent_name, id="status")
        with Horizontal(id="panes"):
            yield ViewsPane(id="views")
            yield ListPane(self.agent_id, id="tasks")
            yield TaskPane(self.agent_id, id="task")
        yield HintLine(id="hints")
        yield CommandLine(id="command-line")

    @property
    def views_pane(self) -> ViewsPane:
        return self.query_one(ViewsPane)

    @property
    def list_pane(self) -> ListPane:
        return self.query_one(ListPane)

    @property
    def task_list(self) -> TaskList:
        return self.list_pane.list

    @property
    def task_pane(self) -> TaskPane:
        return self.query_one(TaskPane)

    @property
    def status_bar(self) -> StatusBar:
        return self.query_one(StatusBar)

    @property
    def hint_line(self) -> HintLine:
        return self.query_one(HintLine)

    def on_mount(self) -> None:
        self._give_room()
        self.go(LIST)
        self.list_pane.show_view("to_answer")
        self.reload()
        self.set_interval(30, self.reload)
        self.set_interval(presence.LOOK, self.attend)

    # --- which pane has the keys ----------------------------------------------------------------

    @property
    def narrow(self) -> bool:
        # The app's size: the screen's own is not known before its first layout.
        return self.app.size.width < WIDE or self.zoomed

    @property
    def place(self) -> str:
        """Where keys go: list, task, views, composer, or "" in another field."""
        focused = self.focused
        if isinstance(focused, TextBox):
            return COMPOSER
        if isinstance(focused, ViewsPane):
            return VIEWS
        if focused is self.task_pane.view:
            return TASK
        return LIST if focused is None or isinstance(focused, TaskList) else ""

    def go(self, place: str) -> None:
        """Give a pane the focus, at once; in a narrow terminal it is then the one shown."""
        widget: Widget = {
            VIEWS: self.views_pane,
            LIST: self.task_list,
            TASK: self.task_pane.view,
            COMPOSER: self.task_pane.composer.box,
        }[place]
        self._at(place)
        self.set_focus(widget, scroll_visible=False)
        self.hint_line.show(place)

    def _at(self, place: str) -> None:
        """Where there is room for one pane, it is that of ``place``."""
        self._shown = place
        alone = self.narrow
        self.views_pane.display = not alone or place == VIEWS
        self.list_pane.display = not alone or place == LIST
        self.task_pane.display = not alone or place in (TASK, COMPOSER)

    # --- how much room each has -----------------------------------------------------------------

    def command_zoom(self, argument: str = "") -> None:
        """The pane with the keys alone; the others come back by the same key."""
        place = self.place or LIST
        self.zoomed = not self.zoomed
        self.query_one("#panes").set_class(self.zoomed, "-zoomed")
        self.go(place)
        self.on_resize()

    def command_wider(self, argument: str = "") -> None:
        self._share_room(self._list_share + STEP)

    def command_narrower(self, argument: str = "") -> None:
        self._share_room(self._list_share - STEP)

    def _share_room(self, percent: int) -> None:
        self.list_share = percent
        context(self).remember(list_share=self._list_share)

    @property
    def list_share(self) -> int:
        return self._list_share

    @list_share.setter
    def list_share(self, percent: int) -> None:
        """Out of bounds is as near to it as can be: no pane disappears by this."""
        self._list_share = max(LEAST_SHARE, min(percent, 100 - LEAST_SHARE))
        if self.is_mounted:
            self._give_room()

    def _give_room(self) -> None:
        self.list_pane.styles.width = f"{self._list_share}fr"
        self.task_pane.styles.width = f"{100 - self._list_share}fr"

    def on_descendant_focus(self) -> None:
        """By key or by mouse: the hints follow."""
        place = self.place
        if place:
            self._at(place)
        self.hint_line.show(place or LIST)

    def on_resize(self) -> None:
        """A terminal that has become wide shows the task beside the list."""
        self._at(self._shown)
        self.show_beside()

    # --- what was chosen ------------------------------------------------------------------------

    def on_views_pane_chosen(self, message: ViewsPane.Chosen) -> None:
        self.show_view(message.view)

    def show_view(self, view: str) -> None:
        """Another view; the list has the keys, and what is typed on is meant for its rows."""
        context(self).hold_keys("start")
        self.list_pane.show_view(view)
        self.list_pane.set_count(self.views_pane.counts.get(view))
        self.views_pane.show(self._counts(), view)
        self.go(LIST)

    def on_task_list_highlighted(self, message: TaskList.Highlighted) -> None:
        """Beside the list its task is shown at once; it is not read yet by that.

        Never while the agent is in a task: what is read or written there stays (R47).
        """
        inside = self._shown in (TASK, COMPOSER)
        if not self.narrow and not inside and message.task_id == self.task_list.cursor:
            self.task_pane.show_task(message.task_id)

    def show_beside(self) -> None:
        """In the list, what stands beside it is the task under its cursor."""
        cursor = self.task_list.cursor
        if self._shown == LIST and not self.narrow and cursor is not None:
            self.task_pane.show_task(cursor)

    def on_task_list_opened(self, message: TaskList.Opened) -> None:
        self.open_task(message.task_id)

    def open_task(self, task_id: int) -> None:
        """Show a task and go into it."""
        self.task_pane.show_task(task_id, opened=True)
        self.go(TASK)

    def on_task_pane_conversation_read(self, message: TaskPane.ConversationRead) -> None:
        """The list shows the same state of the task as the pane beside it."""
        self.task_list.put(message.conversation.task)
        self._show_others()

    def on_draft_saved(self) -> None:
        """The list marks the task in which something is being written."""
        post_message(self, Changed(frozenset({"drafts"})))

    def on_task_pane_marked_read(self) -> None:
        self.changed()

    def changed(self) -> None:
        """We changed a task ourselves."""
        post_message(self, Changed(frozenset({"tasks"})))

    # --- reading again --------------------------------------------------------------------------

    def reload(self, topics: frozenset[str] | None = None) -> None:
        """Read again what is on the screen and may have changed; None: everything."""
        inbox = context(self).inbox
        if topics is None or topics & {"tasks", "outbox", "contacts"}:
            workers.read(self, "views", lambda: inbox.read(queries.views), self.ViewsRead)
            workers.read(self, "news", lambda: inbox.read(queries.news), self.NewsRead)
            self.task_pane.reload()
        news = {"tasks", "outbox", "contacts", "drafts"}
        if self.list_pane.ready and (topics is None or topics & news):
            self.list_pane.reload()
        if topics is None or topics & {"accounts", "presence"}:
            workers.read(self, "health", lambda: inbox.read(queries.health), self.HealthRead)
            workers.read(
                self, "colleagues", lambda: inbox.read(queries.colleagues), self.ColleaguesRead
            )
        if topics is None or "accounts" in topics:
            workers.read(self, "statuses", lambda: inbox.read(queries.statuses), self.StatusesRead)

    def on_workplace_views_read(self, message: ViewsRead) -> None:
        self.views_pane.show(message.views, self.list_pane.view)
        counts = self.views_pane.counts
        self.list_pane.set_count(counts.get(self.list_pane.view))
        self.status_bar.to_answer = counts.get("to_answer", 0)
        self.status_bar.lost = ""
        self.status_bar.show()

    def on_workplace_health_read(self, message: HealthRead) -> None:
        self.status_bar.health = message.health
        self.status_bar.show()

    def on_workplace_statuses_read(self, message: StatusesRead) -> None:
        self.statuses = message.statuses

    # --- what is new ----------------------------------------------------------------------------

    def on_workplace_news_read(self, message: NewsRead) -> None:
        unread, failed = len(message.news.unread), message.news.failed
        self.status_bar.failed = failed
        self.status_bar.show()
        self.views_pane.set_failed(failed)
        # What comes while the agent looks at it needs no bell.
        looked_at = self.task_pane.task_id if self.task_pane.opened and self.app.app_focus else None
        new = [one for one in self._ear.listen(message.news) if one != looked_at]
        newest = message.news.newest
        context(self).ring(unread, bell.news_words(newest, new) if new else "")

    # --- colleagues at the same task ------------------------------------------------------------

    def attend(self) -> None:
        """Tell colleagues what this agent does, where that is news to them."""
        pane = self.task_pane
        writing = pane.composer.writing
        answering = writing is not None and writing.mode == "reply"
        task_id = pane.task_id if pane.opened else None
        doing = self.attention.look(task_id, answering, pane.composer.box.text if answering else "")
        if doing is not None:
            inbox, process = context(self).inbox, self.attention.process
            workers.write(
                self,
                "presence",
                lambda: inbox.write(see, process, *doing),
                lambda _n: self.Told(),
                apart=True,
            )

    def on_workplace_colleagues_read(self, message: ColleaguesRead) -> None:
        self._others = presence.by_task(message.rows)
        self._show_others()

    def _show_others(self) -> None:
        self.task_list.set_others(self._others)
        self.task_pane.set_others(self._others)

    def lost(self, sentence: str) -> None:
        """The database does not answer; everything on the screen may be old."""
        self.status_bar.lost = sentence
        self.status_bar.show()

    def _counts(self) -> tuple[Any, ...]:
        return tuple(ViewCount(key, n) for key, n in self.views_pane.counts.items())
