"""A conversation that we begin, on one sheet: to whom, by what, its subject, text and files."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from pfinbox.services import queries
from pfinbox.services.tasks import drafts
from pfinbox.store import tables as t
from pfinbox.tui.mail.new_mail import NewMail
from tests.builders import Inbox
from tests.services.doing import change
from tests.tui.scene import task_of
from tests.tui.stage import compare_both, on_stage, press, said, screen_text, type_burst


async def last_task(inbox: Inbox) -> int:
    async with inbox.store.read() as uow:
        return int(await uow.connection.scalar(select(func.max(t.task.c.id))) or 0)


async def copies(inbox: Inbox, task_id: int) -> dict[str, bool]:
    """The addresses of the newest comment, and which of them stand in Cc."""
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(
            select(t.delivery.c.address, t.delivery.c.copy)
            .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
            .where(t.comment.c.task_id == task_id, t.delivery.c.state != "withdrawn")
        )
        return {row.address: row.copy for row in rows}


async def test_r29_r45_a_new_mail_on_one_sheet(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        before = await last_task(inbox)
        await type_burst(pilot, "cmar")
        await compare_both(app, pilot, "completing")
        # In one burst: a card, an address that nobody has, in Cc another card; subject and text.
        await type_burst(pilot, "\rzoe@new.example\tpeter\t")
        await type_burst(pilot, "Your new invoice\tHere it is.")
        await compare_both(app, pilot, "new-mail")
        # Nothing is there but a draft: a crash loses nothing, escape leaves nothing behind.
        await type_burst(pilot, "\x1b")
        assert await last_task(inbox) == before
        await type_burst(pilot, "c")
        assert isinstance(app.screen, NewMail)
        assert app.screen.box.text == "Here it is."
        assert app.screen.to.text == "Maria Lopez <maria@client.example>, zoe@new.example, "
        await type_burst(pilot, "\x13")
        made = await last_task(inbox)
        assert f"#{made} to Maria Lopez and 1 more: Sends in 10 s" in screen_text(app)
        assert await copies(inbox, made) == {
            "maria@client.example": False,
            "zoe@new.example": False,
            "buy@initech.example": True,
        }
        held = await app.inbox.read(queries.conversation, made)
        assert (held.task.title, held.comments[0].text) == ("Your new invoice", "Here it is.")
        assert await app.inbox.read(drafts.load, 0, "mail") is None
        # z takes the mail back as the draft that it was, and the task with it.
        await type_burst(pilot, "z")
        assert (await app.inbox.read(queries.conversation, made)).task.deleted_at is not None
        await type_burst(pilot, "c")
        assert isinstance(app.screen, NewMail)
        assert app.screen.cc.text == "Peter Gibbons <buy@initech.example>, "
        # Later, and with the end of its task; the draft that comes back has the moment (R18).
        await press(pilot, "ctrl+l")
        await type_burst(pilot, "tomorrow 9:00\r")
        assert "goes out tomorrow 09:00, held if the client writes" in screen_text(app)
        await compare_both(app, pilot, "later")
        await press(pilot, "ctrl+d")
        made = await last_task(inbox)
        assert f"#{made} to Maria Lopez and 1 more: Closed · Goes out" in screen_text(app)
        held = await app.inbox.read(queries.conversation, made)
        assert not held.task.active
        await type_burst(pilot, "z")
        await type_burst(pilot, "c")
        assert isinstance(app.screen, NewMail)
        assert "goes out tomorrow 09:00" in screen_text(app)
        # An address of our own is refused, and what was written stays.
        app.screen.to.text = "support@ours.example"
        await type_burst(pilot, "\x13")
        assert "our own address" in said(app)
        assert app.screen.box.text == "Here it is."


async def test_r29_from_a_card_by_mail_on_the_sheet_by_chat_in_its_task(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "Cc\r")
        sheet = app.screen
        assert isinstance(sheet, NewMail)
        assert sheet.to.text == "maria@client.example"
        await type_burst(pilot, "About you\tAll is well.\x13")
        held = await app.inbox.read(queries.conversation, await last_task(inbox))
        assert (held.task.title, held.comments[0].text) == ("About you", "All is well.")
        # With a snooze; and on to whoever waits, where no key that was typed blindly counts.
        await type_burst(pilot, "Cc\rAgain\tStill well.\x02monday 9\r")
        held = await app.inbox.read(queries.conversation, await last_task(inbox))
        assert held.task.snoozed_until == datetime(2026, 11, 2, 9, tzinfo=UTC)
        assert "to maria@client.example: Back 09:00" in screen_text(app)
        await type_burst(pilot, "Cc\rOnce more\tAll well.\x0ee")
        assert (app.main.place, app.main.at_hand) == ("task", app.main.task_list.cursor)
        following = app.main.at_hand
        assert following is not None
        assert (await app.inbox.read(queries.conversation, following)).task.active
        await type_burst(pilot, "z\x1b")
        assert app.main.at_hand == following
        # Who has no e-mail address is written to in the chat, which goes on in its task.
        await type_burst(pilot, "cjakub\r\rYes.")
        pane = app.main.task_pane
        assert pane.conversation is not None
        assert pane.conversation.task.title == "Hi! Is the shop open on Saturday?"
        assert pane.composer.box.text == "Yes."


async def test_r4_one_key_goes_where_the_chat_goes_on(inbox: Inbox) -> None:
    """From a finished task nothing goes to its chat; what was written goes along."""
    task_id = await task_of(inbox, await inbox.says("Old", user="77", name="Ewa"))
    await change(inbox, task_id, status="done")
    newer = await task_of(inbox, await inbox.says("New", user="77", name="Ewa"))
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, f":{task_id}\rrYes, it is.")
        assert f"#{newer};" in screen_text(app)
        assert "write there  (f2 goes there)" in screen_text(app)
        await type_burst(pilot, "\x13")
        pane = app.main.task_pane
        assert pane.composer.box.text == "Yes, it is."
        await press(pilot, "f2")
        assert (pane.task_id, pane.composer.box.text) == (newer, "Yes, it is.")
        assert "goes on in" not in screen_text(app)
        await type_burst(pilot, " Here.\x13")
        held = await app.inbox.read(queries.conversation, newer)
        assert held.comments[-1].text == "Yes, it is. Here."
        assert await app.inbox.read(drafts.load, task_id, "reply") is None
