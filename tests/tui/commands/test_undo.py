"""R18: what was taken back before it left is a draft again, and nothing of it is left to read."""

from sqlalchemy import select

from pfinbox.store import tables as t
from pfinbox.tui.shell.command import LIST
from tests.builders import Inbox
from tests.tui.commands.task.test_triage import row
from tests.tui.inbox.test_bulk import ids
from tests.tui.stage import on_stage, screen_text, type_burst


async def test_r18_what_was_taken_back_is_gone_from_the_conversation(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rToo fast\x13z")
        assert app.main.task_pane.composer.box.text == "Too fast"
        assert screen_text(app).count("Too fast") == 1
        assert "withdrawn" not in screen_text(app)
        # It is seen, and what is typed on is no letter of it.
        assert app.main.place == LIST
        await type_burst(pilot, "r for me\x13L")
        assert "Too fast for me" in screen_text(app)
        assert screen_text(app).count("Too fast") == 1
        # The record keeps both.
        async with inbox.store.read() as uow:
            query = select(t.comment.c.text).where(t.comment.c.text.startswith("Too fast"))
            assert len(list(await uow.connection.scalars(query))) == 2


async def test_r18_undo_never_writes(inbox: Inbox) -> None:
    """R47: four keys are four steps back, whatever comes back by them."""
    async with on_stage(inbox, undo_send=60, notifications=True) as (app, pilot):
        first, second = ids(app)[:2]
        before = await row(inbox, first)
        await type_burst(pilot, "rOne\x13rTwo\x13tvip\r")
        await type_burst(pilot, "iz")
        await type_burst(pilot, "zzz")
        now = await row(inbox, first)
        assert (now.tags, now.assignee) == (before.tags, before.assignee)
        composer = app.main.task_pane.composer
        assert (app.main.place, composer.box.text) == (LIST, "One\n\nTwo")
        # Of another task nothing is opened: what is at hand stays so.
        await type_burst(pilot, "\x1bgt")
        await type_burst(pilot, "rAgain\x13")
        await type_burst(pilot, "ggz")
        assert composer.writing is None
        assert app.main.task_pane.task_id == app.main.task_list.cursor == second
        assert f"it is a draft in #{first} again" in screen_text(app)
