"""An approved text once the reply window is closed (R25)."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from pfinbox.services.people import contacts
from pfinbox.store import tables as t
from pfinbox.tui.mail.new_mail import NewMail
from tests.builders import Inbox
from tests.services.comments.test_templates import SAID, closed
from tests.tui.compose.test_ways import said
from tests.tui.stage import compare_both, on_stage, press, screen_text, type_burst


@pytest.fixture
async def inbox(store_url: str) -> AsyncIterator[Inbox]:
    inbox = await Inbox.make(store_url)
    await closed(inbox)
    yield inbox
    await inbox.store.close()


@pytest.fixture
def kind() -> str:
    return "sqlite"


async def test_r25_a_template_is_chosen_filled_in_and_sent(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        composer = app.main.task_pane.composer
        await type_burst(pilot, "rMy own words")
        assert "f5 offers templates" in said(app)
        await press(pilot, "f5")
        await type_burst(pilot, "ready\rMaria\r")
        await compare_both(app, pilot, "template_form")
        await type_burst(pilot, "№ 7\r")
        assert composer.box.text == SAID
        assert "as template ready" in said(app)
        # It stands as it was approved: nothing is typed into it.
        await type_burst(pilot, "more")
        assert composer.box.text == SAID
        # Own words are one key away.
        await press(pilot, "f5", "enter")
        assert composer.box.text == "My own words"
        await press(pilot, "f5")
        await type_burst(pilot, "ready\rMaria\r№ 7\r\x1b")
    async with on_stage(inbox) as (app, pilot):
        # The draft keeps it, and the words of one's own: also those typed before the draft is read.
        composer = app.main.task_pane.composer
        await type_burst(pilot, "r!")
        assert "as template ready" in said(app)
        assert composer.box.text == SAID
        assert composer.writing
        assert composer.writing.own_text == "My own words\n\n!"
        await type_burst(pilot, "more")
        await press(pilot, "ctrl+s")
        async with inbox.store.read() as uow:
            row = (await uow.connection.execute(select(t.delivery))).one()
            text = await uow.connection.scalar(
                select(t.comment.c.text).where(t.comment.c.id == row.comment_id)
            )
        assert (row.template, text) == ("ready", SAID)
        # Where the task's accounts have none, the list says so.
        await type_burst(pilot, "jr")
        await press(pilot, "f5")
        assert "have no templates" in screen_text(app)


async def test_r25_r29_a_first_message_by_template_on_the_sheet(inbox: Inbox) -> None:
    """It stands there as it will be sent; a draft keeps it; nothing else can begin there."""
    await inbox.acting("anna").write(contacts.new, "Ewa", addresses=[("wa", "777")])
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "cewa\r")
        assert "begun by a template" in screen_text(app)
        await type_burst(pilot, "\rMy words")
        assert isinstance(app.screen, NewMail)
        assert "f5 offers them" in screen_text(app)
        await press(pilot, "f5")
        await type_burst(pilot, "ready\rMaria\r№ 7\r")
        assert app.screen.box.text == SAID
        await compare_both(app, pilot, "first_message")
        await type_burst(pilot, "more\x1b")
        await type_burst(pilot, "cewa\r\r")
        assert isinstance(app.screen, NewMail)
        assert app.screen.box.text == SAID
        await press(pilot, "f5", "enter")
        assert app.screen.box.text == "My words"
        await press(pilot, "f5")
        await type_burst(pilot, "ready\rMaria\r№ 7\r\x13")
        async with inbox.store.read() as uow:
            row = (await uow.connection.execute(select(t.delivery))).one()
        assert (row.template, row.address) == ("ready", "777")
