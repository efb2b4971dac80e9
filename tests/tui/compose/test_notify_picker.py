"""The notify picker: R13, R16, R17; its result is a Notify."""

from sqlalchemy import insert

from pfinbox.domain.model import Who
from pfinbox.store import tables as t
from pfinbox.tui.compose.notify_picker import NotifyPicker
from tests.builders import Inbox
from tests.tui.scene import contact_of
from tests.tui.stage import on_stage, press, screen_text, type_burst


async def test_r13_who_is_told_is_chosen_by_typing(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        # Clients come first and apart.
        await type_burst(pilot, "r\t")
        assert isinstance(app.screen, NotifyPicker)
        shown = screen_text(app)
        places = [shown.index(words) for words in ("Clients", "[x] Maria", "Colleagues", "Boris O")]
        assert places == sorted(places)
        # Escape changes nothing.
        await type_burst(pilot, " \x1b")
        writing = app.main.task_pane.composer.writing
        assert writing is not None
        assert writing.notify is not None
        assert writing.notify.contacts
        # A colleague is added by typing.
        await type_burst(pilot, "\tclara \r")
        assert inbox.agent("clara") in writing.notify.who
        assert writing.notify.contacts
        assert "and 1 colleague" in screen_text(app)
        # Without the client it is internal, and says so.
        await type_burst(pilot, "\t \r")
        assert "internal: nobody outside sees this, for Clara" in screen_text(app)


async def test_r17_the_address_is_chosen_with_the_arrows_and_r16_the_way_with_ctrl_r(
    inbox: Inbox,
) -> None:
    maria: Who = await contact_of(inbox, 2)

    async def second(uow: object) -> None:
        statement = insert(t.address).values(
            contact_id=maria.id, channel="email", scope=0, value="second@client.example"
        )
        await uow.connection.execute(statement)  # type: ignore[attr-defined]

    await inbox.store.run(second)
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "r\t")
        await press(pilot, "right", "enter")
        writing = app.main.task_pane.composer.writing
        assert writing is not None
        assert writing.notify is not None
        assert writing.notify.addresses == {maria.id: "second@client.example"}
        assert "second@client.example" in screen_text(app)
        # R16: the way, in the same draft.
        await type_burst(pilot, "\t")
        await press(pilot, "ctrl+r")
        assert "the way the client used last" in screen_text(app)
        await press(pilot, "enter")
        assert writing.notify.reply_via == "last"
