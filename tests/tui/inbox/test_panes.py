"""Panes zoom and take room from each other; the look is remembered for the agent."""

from pfinbox.services.people import preferences
from pfinbox.tui.widgets.divider import Divider
from tests.builders import Inbox
from tests.tui.dialogs.test_highlighted import highlighted
from tests.tui.stage import compare, on_stage, press, said, screen_text, settle, type_burst


async def test_one_key_shows_one_pane_and_another_press_all(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        panes = (app.main.views_pane, app.main.list_pane, app.main.task_pane)
        assert app.main.list_pane.active
        await type_burst(pilot, "Z")
        assert [pane.display for pane in panes] == [False, True, False]
        assert app.main.list_pane.size.width == 120
        # Going on shows the pane gone to, alone, and loses no key.
        await type_burst(pilot, "j\rrHi")
        assert [pane.display for pane in panes] == [False, False, True]
        assert app.main.task_pane.composer.box.text == "Hi"
        await compare(app, pilot, "zoomed-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "zoomed-80x24")
        await pilot.resize_terminal(120, 36)
        await type_burst(pilot, "\x1bZ")
        assert [pane.display for pane in panes] == [True, True, True]
        assert app.main.place == "task"
        # The title of the pane that has the keys stands out, and of no other.
        assert not app.main.list_pane.active
        assert [pane.active for pane in app.main.query(Divider)] == [True]


async def test_room_and_theme_are_remembered_for_this_agent(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        before = app.main.list_pane.size.width
        await type_burst(pilot, ">>")
        assert app.main.list_pane.size.width > before
        await type_burst(pilot, "<" * 20)
        assert app.main.list_pane.size.width >= 20
        # The colours under the cursor are worn while one chooses, and given back by escape.
        await type_burst(pilot, ":theme\r")
        assert highlighted(app) == app.theme == "pfinbox-dark"
        await press(pilot, "down")
        assert highlighted(app) == app.theme == "pfinbox-high-contrast"
        await type_burst(pilot, "gruv")
        assert app.theme == "gruvbox"
        await type_burst(pilot, "\x1b")
        assert app.theme == "pfinbox-dark"
        await type_burst(pilot, ":theme nord\r")
        assert app.theme == "nord"
        assert not said(app)
        async with inbox.store.read() as uow:
            look = await preferences.load(uow, inbox.actor("anna"))
            assert await preferences.load(uow, inbox.actor("boris")) == {}
        assert look == {"list_share": 20, "theme": "nord"}


async def test_a_key_that_does_nothing_here_says_so_once(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        for keys, said_here in (("%", "% does nothing here; ? shows"), ("gx", "g x does nothing")):
            await type_burst(pilot, keys)
            assert said_here in screen_text(app)
            await type_burst(pilot, keys)
            assert "does nothing here" not in screen_text(app)
        # A key of the composer that was pressed twice is no mistake; each place says it once.
        await type_burst(pilot, "\x13")
        assert "does nothing here" not in screen_text(app)
        await type_burst(pilot, "go%")
        assert "% does nothing here; ? shows" in screen_text(app)


async def test_what_was_remembered_wins_over_the_configuration(inbox: Inbox) -> None:
    look = {"theme": "nord", "list_share": 60}
    async with on_stage(inbox, theme="textual-light", look=look) as (app, _pilot):
        assert app.theme == "nord"
        assert app.main.list_share == 60
