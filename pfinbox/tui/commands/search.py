"""Searches that the agent keeps, as views of their own."""

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.services.people import saved_searches
from pfinbox.store.rows import SavedSearchRow, ViewCount
from pfinbox.tui.commands.changes import Changes
from pfinbox.tui.commands.family import Family
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.inbox.views import SEARCH
from pfinbox.tui.main.layout import Layout
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.command import VIEWS
from pfinbox.tui.shell.undo import Change

# A search costs more than a view: in a busy hour each is counted so often at most.
SECONDS = 5.0


class SearchCommands(Family):
    """Keeping and removing them; their counts come beside those of the views."""

    def __init__(self, layout: Layout, changes: Changes) -> None:
        super().__init__(layout, changes)
        # No count before this one is over; and whether one is wanted then.
        self._resting = self._count_again = False

    # --- counting -------------------------------------------------------------------------------

    def reload(self, topics: frozenset[str] | None) -> None:
        """Count again; ``topics`` as in ``Refresh.reload``."""
        if topics is None or topics & {"tasks", "outbox", "contacts"}:
            self._count()

    def _count(self) -> None:
        if self._resting:
            self._count_again = True
            return
        self._resting = True
        inbox = self.context.inbox
        workers.ask(
            self.layout, "searches", lambda: inbox.read(queries.saved_counts), self._show_counts
        )
        self.layout.set_timer(SECONDS, self.rested)

    def rested(self) -> None:
        self._resting = False
        if self._count_again:
            self._count_again = False
            self._count()

    def _show_counts(self, rows: tuple[ViewCount, ...]) -> None:
        self.layout.views_pane.show_saved(rows)
        if self.layout.list_pane.view.startswith(SEARCH):
            self.layout.list_pane.set_count(
                self.layout.views_pane.counts.get(self.layout.list_pane.view)
            )

    # --- keeping --------------------------------------------------------------------------------

    def save_search(self, argument: str = "") -> None:
        """What is searched for now, in the view in which it is."""
        view, query = self.layout.list_pane.scope, self.layout.list_pane.search
        if not query:
            self.context.say(_("Search for something first (/), then keep it."))
            return

        def named(name: str | None) -> None:
            if name is not None:
                workers.do(
                    self.layout,
                    "save search",
                    lambda inbox: inbox.write(saved_searches.save, name, view, query),
                    self._show_kept,
                )

        if argument:
            named(argument)
        else:
            title = Content(_("Keep this search under the name"))
            self.push(Prompt(title, query, suggested=True), named)

    def _show_kept(self, view: str) -> None:
        """It is a view now, and shown as one."""
        self.layout.list_pane.leave_search(clear=True)
        self.layout.show_view(view)
        self._resting = False
        self._count()
        words = _("Kept as {name} among the views").format(name=view.removeprefix(SEARCH))
        self.context.say(words)

    def forget_search(self, argument: str = "") -> None:
        """The search under the cursor in the views, or the one that is shown."""
        view = (
            self.layout.views_pane.cursor
            if self.layout.place == VIEWS
            else self.layout.list_pane.view
        )
        name = argument or view.removeprefix(SEARCH)
        if not argument and not view.startswith(SEARCH):
            self.context.say(_("Only a search that you keep can be removed here."))
            return
        workers.do(
            self.layout,
            "forget search",
            lambda inbox: inbox.write(saved_searches.remove, name),
            self._show_removed,
        )

    def _show_removed(self, row: SavedSearchRow) -> None:
        async def back(inbox: Inbox) -> None:
            await inbox.write(saved_searches.save, row.name, row.view, row.query)

        words = _("Search {name} removed").format(name=row.name)
        self.changes.undo_stack.push(Change(0, words, back))
        if self.layout.list_pane.view == SEARCH + row.name:
            shown = row.view in self.layout.views_pane.views and not row.view.startswith(SEARCH)
            self.layout.show_view(row.view if shown else "inbox")
        self.context.say(_("{what} (z brings it back)").format(what=words))
        self._resting = False
        self._count()
