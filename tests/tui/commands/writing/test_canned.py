"""Canned replies in the composer: made, used, changed and removed without leaving it."""

from pfinbox.services.comments import canned
from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, press, screen_text, settle, type_burst


async def test_made_of_what_is_written_and_used_for_the_next_client(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        box = app.main.task_pane.composer.box
        await type_burst(pilot, "jrDear {{client.first_name|there}}, thank you.")
        await press(pilot, "ctrl+e")
        await type_burst(pilot, "\rThanks")
        await compare(app, pilot, "canned-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "canned-80x24")
        await pilot.resize_terminal(120, 36)
        await type_burst(pilot, "\x13")
        assert "Kept" in screen_text(app)
        assert box.text == "Dear {{client.first_name|there}}, thank you."
        box.load_text("")
        await press(pilot, "ctrl+r")
        await type_burst(pilot, "tha\r Anna")
        assert box.text == "Dear Jakub, thank you. Anna"


async def test_a_place_that_means_nothing_is_said_and_nothing_is_kept(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "jr{{client.nme}}")
        await press(pilot, "ctrl+e")
        await type_burst(pilot, "\rBroken\x13")
        assert "{{client.nme}} means nothing" in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert await app.inbox.read(canned.listed) == ()
        assert app.main.task_pane.composer.box.text == "{{client.nme}}"
