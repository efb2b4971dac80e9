"""Searches that the agent keeps, as views of their own."""

from dataclasses import dataclass

from textual.content import Content
from textual.message import Message

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.people import saved_searches
from pfinbox.store.rows import SavedSearchRow, ViewCount
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.inbox.list_pane import ListPane
from pfinbox.tui.inbox.views import SEARCH
from pfinbox.tui.main.acting import Acting
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.commands import VIEWS
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.undo import Change

# A search costs more than a view: in a busy hour each is counted so often at most.
SECONDS = 5.0


class Searching(Acting):
    """Keeping and removing them; their counts come beside those of the views."""

    @dataclass
    class SavedRead(Message):
        rows: tuple[ViewCount, ...]

    @dataclass
    class Kept(Message):
        view: str

    @dataclass
    class Forgotten(Message):
        row: SavedSearchRow

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__(agent_id, agent_name)
        # No count before this one is over; and whether one is wanted then.
        self._resting = self._count_again = False

    # --- counting -------------------------------------------------------------------------------

    def reload(self, topics: frozenset[str] | None = None) -> None:
        super().reload(topics)
        if topics is None or topics & {"tasks", "outbox", "contacts"}:
            self._count()

    def _count(self) -> None:
        if self._resting:
            self._count_again = True
            return
        self._resting = True
        workers.read(
            self, "searches", lambda: context(self).inbox.read(queries.saved_counts), self.SavedRead
        )
        self.set_timer(SECONDS, self._rested)

    def _rested(self) -> None:
        self._resting = False
        if self._count_again:
            self._count_again = False
            self._count()

    def on_searching_saved_read(self, message: SavedRead) -> None:
        self.views_pane.show_saved(message.rows)
        if self.list_pane.view.startswith(SEARCH):
            self.list_pane.set_count(self.views_pane.counts.get(self.list_pane.view))

    # --- keeping --------------------------------------------------------------------------------

    def command_save_search(self, argument: str = "") -> None:
        """What is searched for now, in the view in which it is."""
        view, query, inbox = self.list_pane.view, self.list_pane.search, context(self).inbox
        if not query:
            context(self).say(_("Search for something first (/), then keep it."))
            return

        def named(name: str | None) -> None:
            if name is not None:
                workers.write(
                    self,
                    "save search",
                    lambda: inbox.write(saved_searches.save, name, view, query),
                    self.Kept,
                )

        if argument:
            named(argument)
        else:
            title = Content(_("Keep this search under the name"))
            self.app.push_screen(Prompt(title, query), named)

    def on_list_pane_keep_wanted(self, message: ListPane.KeepWanted) -> None:
        message.stop()
        self.command_save_search()

    def on_searching_kept(self, message: Kept) -> None:
        """It is a view now, and shown as one."""
        self.list_pane.leave_search(clear=True)
        self.show_view(message.view)
        self._resting = False
        self._count()
        words = _("Kept as {name} among the views").format(name=message.view.removeprefix(SEARCH))
        context(self).say(words)

    def command_forget_search(self, argument: str = "") -> None:
        """The search under the cursor in the views, or the one that is shown."""
        view = self.views_pane.cursor if self.place == VIEWS else self.list_pane.view
        name = argument or view.removeprefix(SEARCH)
        if not argument and not view.startswith(SEARCH):
            context(self).say(_("Only a search that you keep can be removed here."))
            return
        inbox = context(self).inbox
        workers.write(
            self, "forget search", lambda: inbox.write(saved_searches.remove, name), self.Forgotten
        )

    def on_searching_forgotten(self, message: Forgotten) -> None:
        row, inbox = message.row, context(self).inbox

        async def back() -> None:
            await inbox.write(saved_searches.save, row.name, row.view, row.query)

        words = _("Search {name} removed").format(name=row.name)
        self.undo_stack.push(Change(0, words, back))
        if self.list_pane.view == SEARCH + row.name:
            self.show_view(row.view if not row.view.startswith(SEARCH) else "inbox")
        context(self).say(_("{what} (z brings it back)").format(what=words))
        self._resting = False
        self._count()
