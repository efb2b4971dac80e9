"""The list with its heading and search field; it reads the pages."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.store.rows import TaskPage
from pfinbox.tui.inbox.task_list import TaskList
from pfinbox.tui.inbox.views import SEARCH, empty_words, view_name
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.words import Words

PAGE = 60
# So many rows are read anew when something changed; those behind them follow when scrolled to.
AGAIN = 600
# So many can be marked at once.
ALL = 1000


class ListPane(Vertical):
    """One view, or the result of a search in it."""

    @dataclass
    class PageRead(Message):
        """The first rows of a view."""

        view: str
        query: str
        page: TaskPage
        from_end: bool
        own: frozenset[int]

    @dataclass
    class MoreRead(Message):
        view: str
        query: str
        page: TaskPage
        from_end: bool

    class KeepWanted(Message):
        """The search is to become a view."""

    @dataclass
    class AllRead(Message):
        view: str
        query: str
        page: TaskPage
        from_end: bool

    def __init__(self, agent_id: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.agent_id = agent_id
        self.view = "to_answer"
        self.search = ""
        self.count: int | None = None
        self.ready = False
        self._after: tuple[Any, ...] | None = None
        self._reading_more = False
        # The rows are the last ones of the view, read from its end.
        self._from_end = False
        # Another view or search was asked for, and its rows are not there yet.
        self._fresh = True
        # News that came while keys waited; they are for the rows that the agent saw.
        self._news: ListPane.PageRead | None = None
        # Tasks that the agent has changed, until the list shows what became of them.
        self._acted: set[int] = set()

    def compose(self) -> ComposeResult:
        yield Words(id="list-head")
        yield Input(
            id="search", placeholder=_("words, or #128; ^s keeps the search"), classes="-hidden"
        )
        yield TaskList(self.agent_id, id="list")

    @property
    def list(self) -> TaskList:
        return self.query_one(TaskList)

    @property
    def search_field(self) -> Input:
        return self.query_one("#search", Input)

    # --- reading --------------------------------------------------------------------------------

    def show_view(self, view: str, search: str = "") -> None:
        """Another view, or another search in it."""
        self.count = self.count if view == self.view else None
        self.view, self.search, self._from_end = view, search, False
        self._acted.clear()
        self.list.set_total(None if search else self.count)
        self._fresh = self.list.waiting = True
        self._head()
        self._read(limit=PAGE)

    def reload(self) -> None:
        """Something changed: read again what is on the screen and above it."""
        self._read(limit=min(max(len(self.list.rows), PAGE), AGAIN))

    def acted(self, ids: Collection[int]) -> None:
        """The agent has changed these tasks: the cursor does not follow one that moves."""
        self._acted.update(ids)
        self.list.steps.act(ids)

    def _read(self, *, limit: int) -> None:
        view, search, from_end = self.view, self.search, self._from_end
        own = frozenset(self._acted)
        self._reading_more = False
        inbox = context(self).inbox
        workers.read(
            self,
            "tasks",
            lambda: inbox.read(queries.tasks, view, limit=limit, query=search, from_end=from_end),
            lambda page: self.PageRead(view, search, page, from_end, own),
        )

    def on_list_pane_page_read(self, message: PageRead) -> None:
        message.stop()
        told = (message.view, message.query, message.from_end)
        if told != (self.view, self.search, self._from_end):
            return
        self._news = None
        if not self._fresh and self._same_end and context(self).keys_waiting:
            self._news = message
            return
        self._show(message)

    @property
    def _same_end(self) -> bool:
        return self._from_end == self.list.from_end

    def catch_up(self) -> None:
        """No key waits any more: show what has come meanwhile."""
        self.list.catch_up()
        news, self._news = self._news, None
        if news is not None and (news.view, news.query) == (self.view, self.search):
            self._show(news)

    def _show(self, message: PageRead) -> None:
        rows, more = list(message.page.rows), message.page.after is not None
        held = self.list.rows
        self.list.words = empty_words(self.view, self.search or self.view.startswith(SEARCH))
        same_end = message.from_end == self.list.from_end
        # News may have asked again before the first answer came: that one is for both then.
        fresh, self._fresh = self._fresh, False
        if not fresh and same_end and more and len(held) > len(rows) >= AGAIN:
            known = {row.id for row in rows}
            rest = held[: -len(rows)] if message.from_end else held[len(rows) :]
            kept = [row for row in rest if row.id not in known]
            rows = [*kept, *rows] if message.from_end else [*rows, *kept]
        else:
            self._after = message.page.after
        self.list.show(
            rows,
            more,
            context(self).present(),
            fresh=fresh,
            from_end=message.from_end,
            own=message.own,
        )
        self._acted -= message.own
        if not context(self).keys_waiting:
            self.list.catch_up()
        self.ready = True
        self._head()
        context(self).release_keys("start")
        context(self).release_keys("end")

    def on_task_list_more_wanted(self, message: TaskList.MoreWanted) -> None:
        message.stop()
        self._read_more()

    def _read_more(self) -> None:
        if self._reading_more or self._after is None:
            return
        view, search, after, from_end = self.view, self.search, self._after, self._from_end
        self._reading_more = True
        inbox = context(self).inbox
        workers.read(
            self,
            "more tasks",
            lambda: inbox.read(
                queries.tasks, view, after=after, limit=PAGE, query=search, from_end=from_end
            ),
            lambda page: self.MoreRead(view, search, page, from_end),
        )

    def on_task_list_marked(self, message: TaskList.Marked) -> None:
        message.stop()
        self._head()

    def on_task_list_new_above(self, message: TaskList.NewAbove) -> None:
        message.stop()
        self._head()

    def on_list_pane_more_read(self, message: MoreRead) -> None:
        message.stop()
        told = (message.view, message.query, message.from_end)
        if not self._reading_more or told != (self.view, self.search, self._from_end):
            return
        self._reading_more = False
        self._after = message.page.after
        self.list.add(message.page.rows, self._after is not None)

    def on_failed(self, message: workers.Failed) -> None:
        """It bubbles on to the app; here only what waited for it goes on."""
        self._reading_more = False
        context(self).drop_keys("start")
        context(self).drop_keys("end")

    def to_end(self, *, last: bool) -> None:
        """The very first or last task; a far one is read from its end of the view.

        Only the page there is read, however long the view is; further ones follow as the cursor
        comes near. Keys typed on wait for it.
        """
        if self._after is None or last == self._from_end:
            self.list.move_to_end(last=last)
            return
        self._from_end = last
        context(self).hold_keys("end")
        self._read(limit=PAGE)

    def mark_all(self) -> None:
        """All tasks of the view, those that were not read yet too; not more than ``ALL``."""
        if self._after is None:
            self.list.mark_all()
            return
        context(self).hold_keys("end", 10)
        self._reading_more = False
        view, search, from_end, inbox = self.view, self.search, self._from_end, context(self).inbox
        workers.read(
            self,
            "all tasks",
            lambda: inbox.read(queries.tasks, view, limit=ALL, query=search, from_end=from_end),
            lambda page: self.AllRead(view, search, page, from_end),
        )

    def on_list_pane_all_read(self, message: AllRead) -> None:
        message.stop()
        told = (message.view, message.query, message.from_end)
        if told == (self.view, self.search, self._from_end):
            rows, self._after = list(message.page.rows), message.page.after
            more, clock = self._after is not None, context(self).present()
            self.list.show(rows, more, clock, from_end=message.from_end)
            self.list.mark_all()
            if more:
                words = _("{n} are marked; the list goes on after them").format(n=len(rows))
                context(self).say(words)
        context(self).release_keys("end")

    # --- the search field -----------------------------------------------------------------------

    def open_search(self, text: str = "") -> None:
        """Show the field and give it the focus, at once: the next key is already for it."""
        field = self.search_field
        field.remove_class("-hidden")
        field.value = text or self.search
        field.focus(scroll_visible=False)

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        if message.value.strip() != self.search:
            self.show_view(self.view, message.value.strip())

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.leave_search()

    def leave_search(self, *, clear: bool = False) -> None:
        """Back to the list; an empty search puts the field away."""
        field = self.search_field
        if clear and self.search:
            field.value = ""
            self.show_view(self.view)
        field.set_class(not field.value.strip(), "-hidden")
        if self._fresh:
            # What is typed on is meant for what was searched for.
            context(self).hold_keys("start")
        self.list.focus(scroll_visible=False)

    def on_key(self, event: events.Key) -> None:
        if self.screen.focused is not self.search_field:
            return
        if event.key == "escape":
            event.stop()
            self.leave_search(clear=True)
        elif event.key == "ctrl+s":
            event.stop()
            post_message(self, self.KeepWanted())
        elif event.key == "down":
            event.stop()
            self.leave_search()

    # --- the heading ----------------------------------------------------------------------------

    def set_count(self, count: int | None) -> None:
        self.count = count
        self.list.set_total(None if self.search else count)
        self._head()

    def _head(self) -> None:
        name = safe.line(view_name(self.view), "bold")
        if self.view.startswith("tag:"):
            name = Content.assemble("#", name)
        elif self.view.startswith(SEARCH):
            name = Content.assemble("/", name)
        parts: list[str | Content] = [" ", name]
        if self.count and not self.search:
            shown = "999+" if self.count > 999 else str(self.count)
            parts.append(Content.styled(f"  {shown}", "$foreground-muted"))
        if new := len(self.list.new_above):
            parts.append(Content.styled("   " + _("{n} new above").format(n=new), "bold"))
        if marked := len(self.list.marked):
            parts.append(Content.styled("   " + _("{n} marked").format(n=marked), "bold"))
        self.query_one("#list-head", Words).write(Content.assemble(*parts))
