"""Reading the rows of a view or a search, page by page, and again when something changed."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from textual.containers import Vertical
from textual.message import Message

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.store.rows import TaskPage
from pfinbox.tui.inbox.task_list import TaskList
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message

PAGE = 60
# So many rows are read anew when something changed; those behind them follow when scrolled to.
AGAIN = 600
# So many can be marked at once.
ALL = 1000


class ListReading(Vertical):
    """What the list pane knows about pages; the list shows them as they come."""

    @dataclass
    class Read(Message):
        """Rows that were asked for: of this view and query, from its end or its beginning."""

        view: str
        query: str
        page: TaskPage
        from_end: bool

    @dataclass
    class PageRead(Read):
        """The first rows of a view. ``own``: the tasks that the agent had changed by then."""

        own: frozenset[int]

    class MoreRead(Read):
        """Those behind them."""

    class AllRead(Read):
        """All that can be marked."""

    class FirstShown(Message):
        """The first rows of all are there, and keys are taken."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Scope and query as they were asked of the store; None: what is typed is no query.
        self._asked: tuple[str, str] | None = None
        # The task that the cursor goes to when the rows are there, where it is one of them.
        self._back_to: int | None = None
        self.ready = False
        self._after: tuple[Any, ...] | None = None
        self._reading_more = False
        # The rows are the last ones of the view, read from its end.
        self._from_end = False
        # Another view or search was asked for, and its rows are not there yet.
        self._fresh = True
        # News that came while keys waited; they are for the rows that the agent saw.
        self._news: ListReading.PageRead | None = None
        # Tasks that the agent has changed, until the list shows what became of them.
        self._acted: set[int] = set()

    @property
    def list(self) -> TaskList:
        return self.query_one(TaskList)

    def tell(self) -> None:
        """Say in the heading, or in the empty list, what has come."""

    def ask(
        self, scope: str, query: str, back_to: int | None = None, page: TaskPage | None = None
    ) -> None:
        """Read the first rows of a view, or of what is found in it, unless they are known."""
        self._asked = (scope, query)
        self._back_to = back_to
        if page is not None:
            self._show(self.PageRead(scope, query, page, self._from_end, frozenset()))
            return
        self._read(limit=AGAIN if back_to is not None else PAGE)

    def reload(self) -> None:
        """Something changed: read again what is on the screen and above it."""
        self._read(limit=min(max(len(self.list.rows), PAGE), AGAIN))

    def acted(self, ids: Collection[int]) -> None:
        """The agent has changed these tasks: the cursor does not follow one that moves."""
        self._acted.update(ids)
        self.list.steps.act(ids)

    def _read(self, *, limit: int) -> None:
        if self._asked is None:
            return
        (view, search), from_end = self._asked, self._from_end
        own = frozenset(self._acted)
        self._reading_more = False
        inbox = context(self).inbox
        workers.read(
            self,
            "tasks",
            lambda: inbox.read(queries.tasks, view, limit=limit, query=search, from_end=from_end),
            lambda page: self.PageRead(view, search, page, from_end, own),
        )

    def on_list_reading_page_read(self, message: PageRead) -> None:
        message.stop()
        if not self._is_asked(message):
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
        if news is not None and (news.view, news.query) == self._asked:
            self._show(news)

    def _is_asked(self, message: Read) -> bool:
        """Whether the rows are still wanted."""
        told = (message.view, message.query)
        return told == self._asked and message.from_end == self._from_end

    def _show(self, message: PageRead) -> None:
        rows, more = list(message.page.rows), message.page.after is not None
        held = self.list.rows
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
            at=self._back_to if fresh else None,
            from_end=message.from_end,
            own=message.own,
        )
        self._acted -= message.own
        if not context(self).keys_waiting:
            self.list.catch_up()
        if not self.ready:
            self.ready = True
            post_message(self, self.FirstShown())
        self.tell()
        context(self).release_keys("start")
        context(self).release_keys("end")

    def on_task_list_more_wanted(self, message: TaskList.MoreWanted) -> None:
        message.stop()
        self._read_more()

    def _read_more(self) -> None:
        if self._reading_more or self._after is None or self._asked is None:
            return
        (view, search), after, from_end = self._asked, self._after, self._from_end
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
        self.tell()

    def on_task_list_new_above(self, message: TaskList.NewAbove) -> None:
        message.stop()
        self.tell()

    def on_list_reading_more_read(self, message: MoreRead) -> None:
        message.stop()
        if not self._reading_more or not self._is_asked(message):
            return
        self._reading_more = False
        self._after = message.page.after
        self.list.add(message.page.rows, self._after is not None)
        self.tell()

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
        if self._after is None or self._asked is None:
            self.list.mark_all()
            return
        context(self).hold_keys("end", 10)
        self._reading_more = False
        (view, search), from_end, inbox = self._asked, self._from_end, context(self).inbox
        workers.read(
            self,
            "all tasks",
            lambda: inbox.read(queries.tasks, view, limit=ALL, query=search, from_end=from_end),
            lambda page: self.AllRead(view, search, page, from_end),
        )

    def on_list_reading_all_read(self, message: AllRead) -> None:
        message.stop()
        if self._is_asked(message):
            rows, self._after = list(message.page.rows), message.page.after
            more, clock = self._after is not None, context(self).present()
            self.list.show(rows, more, clock, from_end=message.from_end)
            self.list.mark_all()
            if more:
                words = _("{n} are marked; the list goes on after them").format(n=len(rows))
                context(self).say(words)
        context(self).release_keys("end")
