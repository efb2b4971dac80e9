"""A conversation that we begin: with whom, by what, its title, and the composer as everywhere."""

from pfinbox.domain.model import Who
from pfinbox.tui.screens.choose_contact import ChooseContact
from tests.builders import Inbox
from tests.tui.stage import compare, compare_both, on_stage, screen_text, settle, type_burst


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
        assert "to Maria Lopez by email maria@client.example" in screen_text(app)
        await type_burst(pilot, "\x13")
        held = await app.gateway.conversation(pane.task_id or 0)
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
        made = (await app.gateway.conversation(task_id)).task
        assert made.contact is not None
        assert writing is not pane.composer.writing
        assert pane.composer.writing is not None
        assert pane.composer.writing.notify is not None
        assert pane.composer.writing.notify.who == (Who("contact", made.contact.id),)
        await type_burst(pilot, "\x1bz")
        assert (await app.gateway.conversation(task_id)).task.deleted_at is not None
