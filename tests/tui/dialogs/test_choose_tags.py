"""R35: tags are added by typing, several at once; one is taken off only where that was seen."""

from pfinbox.tui.dialogs.choose_tags import ChooseTags
from pfinbox.tui.widgets.pick_list import PickList
from tests.builders import Inbox
from tests.tui.commands.task.test_triage import row
from tests.tui.dialogs.test_highlighted import highlighted
from tests.tui.inbox.test_bulk import ids
from tests.tui.stage import on_stage, press, screen_text, type_burst


async def test_r35_typing_completes_adds_and_never_replaces(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        first = ids(app)[0]
        # A word that begins a tag is completed; the tag that the task has stays.
        await type_burst(pilot, "tur")
        assert highlighted(app) == "urgent"
        await type_burst(pilot, "\r")
        assert (await row(inbox, first)).tags == ("billing", "urgent")
        # Several, known and new; one that it has already is no change.
        await type_burst(pilot, "tbilling bu #New\r")
        assert "#bug added, #new added" in screen_text(app)
        assert (await row(inbox, first)).tags == ("billing", "bug", "new", "urgent")
        await type_burst(pilot, "z")
        assert (await row(inbox, first)).tags == ("billing", "urgent")
        # Enter with nothing looked for changes nothing, nor does escape.
        await type_burst(pilot, "t\rtvip\x1b")
        assert (await row(inbox, first)).tags == ("billing", "urgent")
        # Where the arrows have led is what enter takes (R47).
        await type_burst(pilot, "t")
        app.screen.query_one(PickList).put_cursor("urgent")
        await press(pilot, "down")
        assert highlighted(app) == "bug"
        await type_burst(pilot, "\r")
        assert (await row(inbox, first)).tags == ("billing", "bug", "urgent")


async def test_r35_taking_off_is_seen_before_it_is_done(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        first, second = ids(app)[:2]
        # Of several tasks: a tag on one of them is added to all, then taken off all.
        await type_burst(pilot, "xxt")
        assert isinstance(app.screen, ChooseTags)
        assert "[ ] billing" in screen_text(app)
        assert "on 1 of 2" in screen_text(app)
        await type_burst(pilot, " ")
        assert "is added" in screen_text(app)
        await type_burst(pilot, " vip ")
        assert "is taken off" in screen_text(app)
        await type_burst(pilot, "\r")
        assert (await row(inbox, first)).tags == (await row(inbox, second)).tags == ("vip",)
        await type_burst(pilot, "z")
        assert (await row(inbox, first)).tags == ("billing",)
        assert (await row(inbox, second)).tags == ()
        # Typed with a minus; and by the command line, both at once.
        await type_burst(pilot, "ggt-bi\r")
        assert (await row(inbox, first)).tags == ()
        await type_burst(pilot, ":tags vip, #Shop\r:tags -vip\r")
        assert (await row(inbox, first)).tags == ("shop",)
        await type_burst(pilot, "zzz")
        assert (await row(inbox, first)).tags == ("billing",)
