"""Canned replies in the composer: made, used, changed and removed without leaving it."""

from pfinbox.services.comments import canned
from pfinbox.tui.compose.ready.canned_editor import CannedEditor
from tests.builders import Inbox
from tests.tui.stage import compare, compare_both, on_stage, press, screen_text, settle, type_burst


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
        assert "Canned reply Thanks: kept." in screen_text(app)
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


async def test_a_slash_offers_replies_and_takes_no_key_from_a_path_or_a_date(inbox: Inbox) -> None:
    anna = inbox.acting("anna")
    await anna.write(canned.save, "Thanks", "Dear {{client.first_name}}, thank you.")
    await anna.write(canned.save, "Shipping/Late", "Sorry,\nit is late.", own=True)
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        box = app.main.task_pane.composer.box
        # In one burst, before the conversation and the replies are read.
        await type_burst(pilot, "jr/than\r Anna")
        assert box.text == "Dear Jakub, thank you. Anna"
        await type_burst(pilot, "\rsee /s")
        assert "Shipping/Late  mine" in screen_text(app)
        await compare_both(app, pilot, "canned-offer")
        # Left, the list stays away and the text stays.
        await type_burst(pilot, "\x1bh")
        assert "Shipping/Late  mine" not in screen_text(app)
        assert box.text.endswith("\nsee /sh")
        await type_burst(pilot, " /lat\t")
        assert box.text.endswith("see /sh Sorry,\nit is late.")
        box.load_text("")
        await type_burst(pilot, "/usr/than\r12/05\rand/or /nothing\r")
        assert box.text == "/usr/than\n12/05\nand/or /nothing\n"
        # The list names a key, and the key works there.
        await press(pilot, "ctrl+r")
        await type_burst(pilot, "late")
        await press(pilot, "ctrl+e")
        assert isinstance(app.screen, CannedEditor)
        await press(pilot, "ctrl+o")
        await type_burst(pilot, "\x13")
        assert [row.own for row in await app.inbox.read(canned.listed)] == [False, False]
