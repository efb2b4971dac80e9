"""A conversation that we begin: with whom, by what, its title, and the composer as everywhere."""

from pfinbox.domain.model import Who
from pfinbox.services import queries
from pfinbox.services.tasks import drafts
from pfinbox.tui.contacts.choose_contact import ChooseContact
from tests.builders import Inbox
from tests.services.doing import change
from tests.tui.scene import task_of
from tests.tui.stage import compare, compare_both, on_stage, press, screen_text, settle, type_burst


async def test_r29_a_new_conversation_by_key(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "c")
        await compare(app, pilot, "new-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "new-80x24")
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        # In one burst: whom, by what, the title, the text.
        await type_burst(pilot, "maria\r\rYour new invoice\rHere it is.")
        pane = app.main.task_pane
        assert pane.conversation is not None
        assert pane.conversation.task.title == "Your new invoice"
        writing = pane.composer.writing
        assert writing is not None
        assert writing.notify is not None
        maria = pane.conversation.task.contact
        assert maria is not None
        assert writing.notify.who == (maria.who,)
        assert pane.composer.box.text == "Here it is."
        assert "to Maria Lopez by e-mail maria@client.example" in screen_text(app)
        await type_burst(pilot, "\x13")
        held = await app.inbox.read(queries.conversation, pane.task_id or 0)
        assert [row.text for row in held.comments] == ["Here it is."]
        # The chat of a messenger goes on in its task.
        await type_burst(pilot, "\x1b\x1bcjakub\r\rYes.")
        assert pane.conversation.task.title == "Hi! Is the shop open on Saturday?"
        await type_burst(pilot, "\x1b\x1b")
        # An address that nobody has: its card is made, and z takes the empty task away.
        await type_burst(pilot, "czoe@new.example")
        assert isinstance(app.screen, ChooseContact)
        await compare_both(app, pilot, "new-address")
        await type_burst(pilot, "\r\rHello\rDear Zoe")
        task_id = pane.task_id or 0
        made = (await app.inbox.read(queries.conversation, task_id)).task
        assert made.contact is not None
        assert writing is not pane.composer.writing
        assert pane.composer.writing is not None
        assert pane.composer.writing.notify is not None
        assert pane.composer.writing.notify.who == (Who("contact", made.contact.id),)
        await type_burst(pilot, "\x1bz")
        assert (await app.inbox.read(queries.conversation, task_id)).task.deleted_at is not None


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
