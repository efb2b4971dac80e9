"""Searches that an agent keeps: a key in the search field makes one a view, another removes it."""

from pfinbox.tui.commands.search import SearchCommands
from pfinbox.tui.shell.command import VIEWS
from tests.builders import Inbox
from tests.tui.inbox.test_list import names
from tests.tui.stage import compare, on_stage, screen_text, settle, type_burst


async def test_a_search_becomes_a_view_and_goes_again(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "gi/seats\x13")
        await type_burst(pilot, "\r")
        pane = app.main.views_pane
        assert app.main.list_pane.view == pane.current == "search:seats"
        assert names(app) == ["Peter Gibbons"]
        assert pane.counts["search:seats"] == 1
        # By the command line, with a name of its own; and searched further in it.
        await type_burst(pilot, "gi/is:unread\r:save-search News\r")
        assert app.main.list_pane.view == "search:News"
        assert len(names(app)) == 5
        await type_burst(pilot, "/delivery OR\x1b/Invoice")
        assert names(app) == ["Maria Lopez"]
        await type_burst(pilot, "\x1b")
        await compare(app, pilot, "searches-120x36")
        await type_burst(pilot, "\t\t")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "searches-80x24")
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        # Its count follows what comes in, a moment later.
        await inbox.says("New", user="99", name="New")
        app.main.reload()
        app.main.family(SearchCommands).rested()
        await settle(pilot)
        assert pane.counts["search:News"] == 6
        # Removed under the cursor, and brought back.
        assert app.main.place == VIEWS
        await type_burst(pilot, "D")
        assert "search:News" not in pane.views
        assert app.main.list_pane.view == "inbox"
        assert "Search News removed" in screen_text(app)
        await type_burst(pilot, "z")
        app.main.family(SearchCommands).rested()
        await settle(pilot)
        assert "search:News" in pane.views
