"""R18: what was taken back before it left is a draft again, and nothing of it is left to read."""

from sqlalchemy import select

from pfinbox.store import tables as t
from tests.builders import Inbox
from tests.tui.stage import on_stage, screen_text, type_burst


async def test_r18_what_was_taken_back_is_gone_from_the_conversation(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rToo fast\x13z")
        assert app.main.task_pane.composer.box.text == "Too fast"
        assert screen_text(app).count("Too fast") == 1
        assert "withdrawn" not in screen_text(app)
        await type_burst(pilot, " for me\x13L")
        assert "Too fast for me" in screen_text(app)
        assert screen_text(app).count("Too fast") == 1
        # The record keeps both.
        async with inbox.store.read() as uow:
            query = select(t.comment.c.text).where(t.comment.c.text.startswith("Too fast"))
            assert len(list(await uow.connection.scalars(query))) == 2
