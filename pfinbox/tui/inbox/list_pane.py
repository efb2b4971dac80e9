"""The list with its heading and search field."""

from typing import Any

from textual.app import ComposeResult

from pfinbox.domain.text import typing_query
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.store.rows import TaskPage
from pfinbox.tui.inbox.empty import empty_words
from pfinbox.tui.inbox.list_head import list_head
from pfinbox.tui.inbox.list_reading import ListReading
from pfinbox.tui.inbox.search_bar import SearchBar
from pfinbox.tui.inbox.task_list import TaskList
from pfinbox.tui.inbox.views import LIVING, view_name
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.widgets.words import Words
from pfinbox.wording.names import whole


class ListPane(ListReading):
    """One view, or the result of a search in it."""

    def __init__(self, agent_id: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.agent_id = agent_id
        self.view = "to_answer"
        self.search = ""
        # The search looks in all tasks, not only in those of the view.
        self.everywhere = False
        # The task under the cursor before a search.
        self._before: int | None = None
        self.count: int | None = None
        self._health: queries.Health | None = None
        self._starting = False
        # The agent is in here.
        self.active = False

    def compose(self) -> ComposeResult:
        yield Words(id="list-head")
        yield SearchBar(id="search-bar")
        yield TaskList(self.agent_id, id="list")

    @property
    def search_bar(self) -> SearchBar:
        return self.query_one(SearchBar)

    @property
    def scope(self) -> str:
        """The view in which is looked: that which is shown, or all living tasks."""
        return LIVING if self.search and self.everywhere else self.view

    def show_view(
        self,
        view: str,
        search: str = "",
        *,
        everywhere: bool = False,
        back_to: int | None = None,
        page: TaskPage | None = None,
    ) -> None:
        """Another view, or another search in it; ``back_to``: the task that the cursor goes to.

        ``page``: its first rows, where they are known already.
        """
        self.count = self.count if view == self.view else None
        self.view, self.search, self._from_end = view, search, False
        self.everywhere = everywhere
        self._acted.clear()
        self.list.set_total(None if search else self.count)
        self._fresh = self.list.waiting = True
        self._tell_keys()
        query = typing_query.settled(search) if search else ""
        if query and (trouble := typing_query.mistake(query)):
            self._tell_mistake(trouble)
            return
        self.ask(self.scope, query, back_to, page)
        self._head()

    def tell(self) -> None:
        self._tell_empty()
        self._head()

    def set_active(self, *, active: bool) -> None:
        if self.active is not active:
            self.active = active
            self._head()

    # --- an empty list --------------------------------------------------------------------------

    def set_health(self, health: "queries.Health", *, starting: bool) -> None:
        """How the accounts do: an empty list may be no good news. ``starting``: a daemon does."""
        self._health, self._starting = health, starting
        if self._asked is not None:
            self._tell_empty()

    def _tell_empty(self) -> None:
        keymap = context(self).keymap
        words = empty_words(
            self.scope,
            self.search,
            self._health,
            lambda name: spelled(keymap.shown(name)),
            starting=self._starting,
        )
        self.list.say_empty(words)

    # --- searching ------------------------------------------------------------------------------

    def open_search(self, text: str = "") -> None:
        if not self.search:
            # What escape leads back to.
            self._before = self.list.cursor
        self.search_bar.open(text or self.search)
        self._tell_keys()

    def on_search_bar_changed(self, message: SearchBar.Changed) -> None:
        message.stop()
        if message.text != self.search:
            self.show_view(self.view, message.text, everywhere=self.everywhere)

    def on_search_bar_submitted(self, message: SearchBar.Submitted) -> None:
        """On to what was found; what is no query stays to be put right."""
        message.stop()
        if trouble := typing_query.mistake(self.search):
            self._tell_mistake(trouble)
        else:
            self.leave_search()

    def on_search_bar_scope_wanted(self, message: SearchBar.ScopeWanted) -> None:
        message.stop()
        self.show_view(self.view, self.search, everywhere=not self.everywhere)

    def on_search_bar_left(self, message: SearchBar.Left) -> None:
        message.stop()
        self.leave_search(clear=True)

    def leave_search(self, *, clear: bool = False) -> None:
        """Back to the list; ``clear``: to all of it, and to the task of before."""
        if clear and self.search:
            self.search_bar.clear()
            self.show_view(self.view, back_to=self._before)
        self.search_bar.close()
        if self._fresh:
            # What is typed on is meant for what was searched for.
            context(self).hold_keys("start")
        self.list.focus(scroll_visible=False)

    def _tell_mistake(self, sentence: str) -> None:
        """Nothing is found by what is no query, and nothing of before is left to look found."""
        self._asked = None
        self._after = None
        self.list.say_empty((whole(sentence),))
        self.list.show([], False, context(self).present(), fresh=True)
        context(self).release_keys("start")
        self._head()

    def _tell_keys(self) -> None:
        scope = _("^o only {view}") if self.everywhere else _("^o all tasks")
        scope = scope.format(view=view_name(self.view))
        self.search_bar.tell(_("{scope} · ^s keep · esc leave").format(scope=scope))

    # --- the heading ----------------------------------------------------------------------------

    def set_count(self, count: int | None) -> None:
        self.count = count
        self.list.set_total(None if self.search else count)
        self._head()

    def _head(self) -> None:
        found = self.search and self._asked is not None and not self._fresh
        head = list_head(
            self.scope,
            count=None if self.search else self.count,
            found=len(self.list.rows) if found else None,
            more=self._after is not None,
            new=len(self.list.new_above),
            marked=len(self.list.marked),
            active=self.active,
        )
        self.query_one("#list-head", Words).write(head)
