"""A client's card: everything of one person, notes, switches, writing, and being one card."""

from pathlib import Path

from sqlalchemy import update

from pfinbox.demo import pictures
from pfinbox.services import queries
from pfinbox.store import tables as t
from pfinbox.store.rows import ContactRow
from pfinbox.store.write import cards
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.contacts.card_screen import CardScreen
from pfinbox.tui.shell.machine import Machine
from tests.builders import Inbox
from tests.tui.scene import contact_of, task_of
from tests.tui.stage import compare, compare_both, on_stage, said, screen_text, settle, type_burst


def card(app: PfinboxApp) -> CardScreen:
    assert isinstance(app.screen, CardScreen)
    return app.screen


async def test_r26_all_tasks_are_on_the_card_and_r31_notes_are_kept_as_typed(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "CnVAT number is on paper")
        await compare_both(app, pilot, "notes")
        await type_burst(pilot, "\x1b")
        await compare(app, pilot, "card-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "card-80x24")
        await pilot.resize_terminal(120, 36)
        held = card(app).card
        assert held is not None
        assert {row.status for row in held.contact.tasks} == {"new", "done"}
        assert (
            await app.inbox.read(queries.contact, held.contact.id)
        ).notes == "VAT number is on paper"
        await type_burst(pilot, "s")
        assert (await app.inbox.read(queries.contact, held.contact.id)).selectable
        await type_burst(pilot, "p")
        assert (await app.inbox.read(queries.contact, held.contact.id)).portal
        await type_burst(pilot, "j\r")
        assert app.main.task_pane.task_id == held.contact.tasks[1].id


async def test_a_picture_of_the_person_is_seen_and_saved_like_a_file(
    inbox: Inbox, tmp_path: Path
) -> None:
    face = pictures.face("maria")
    async with on_stage(inbox, agent_name="Anna Lis", machine=Machine(tmp_path)) as (app, pilot):
        await type_burst(pilot, "Ci")
        assert "No service has shown a picture" in screen_text(app)
        held = card(app).card
        assert held is not None
        (address, *_others) = held.contact.addresses
        await inbox.store.run(
            lambda uow: cards.keep_picture(uow, address.id, "image/png", face, inbox.clock.now)
        )
        await settle(pilot)
        await type_burst(pilot, "i")
        await compare(app, pilot, "card-picture")
        await type_burst(pilot, "s\r")
        (saved,) = tmp_path.iterdir()
        assert (saved.suffix, saved.read_bytes()) == (".png", face)
        await type_burst(pilot, "c")
        line = f"contact picture {held.contact.id} --address {address.id} --to -"
        assert line in app.clipboard
        await type_burst(pilot, "\x1b\r")
        await compare(app, pilot, "card-picture-seen")


async def test_r27_r28_r49_the_card_itself_by_key(inbox: Inbox) -> None:
    """Name, company and addresses; one by which a conversation goes stays."""
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):

        async def row() -> ContactRow:
            held = card(app).card
            assert held is not None
            return await app.inbox.read(queries.contact, held.contact.id)

        await type_burst(pilot, "CT-Diaz\roLopez Ltd\r")
        assert ((await row()).name, (await row()).company) == ("Maria Lopez-Diaz", "Lopez Ltd")
        await type_burst(pilot, "aadd\r\rm.lopez@home.example\r")
        await type_burst(pilot, "ahome\rmain\r")
        assert [one.value for one in (await row()).addresses if one.main] == [
            "m.lopez@home.example"
        ]
        await type_burst(pilot, "aclient\rremove\r")
        assert "maria@client.example stays on the card" in said(app)
        await type_burst(pilot, "ahome\rremove\r")
        (left,) = (await row()).addresses
        assert (left.value, left.main) == ("maria@client.example", True)
        # An address of another card is refused, with the way out.
        await type_burst(pilot, "aadd\r\rbuy@initech.example\r")
        assert "merge the two cards instead" in said(app)


async def test_r29_message_goes_on_in_the_open_chat_and_writes_at_once(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "jCc\r")
        await type_burst(pilot, "Yes, until two.")
        pane = app.main.task_pane
        assert pane.composer.box.text == "Yes, until two."
        assert pane.task_id == app.main.task_list.cursor


async def test_r26_two_cards_become_one_and_two_again(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "jCMmaria\r")
        assert "maria@client.example" in screen_text(app)
        await type_burst(pilot, "\r")
        held = card(app).card
        assert held is not None
        assert held.contact.name == "Maria Lopez"
        assert {row.channel for row in held.contact.addresses} == {"email", "telegram"}
        await type_burst(pilot, "W\r")
        held = card(app).card
        assert held is not None
        assert held.contact.name == "Jakub Nowak"
        assert not said(app)


async def test_r39_r49_the_words_are_read_before_a_contact_reads_them(inbox: Inbox) -> None:
    """By whatever key: here access, and showing a hidden comment again."""
    asked = await inbox.mails("Hello?", sender="olga@x.example", name="Olga")
    task_id = await task_of(inbox, asked)
    await inbox.comment(task_id, "She never\npays", to=[])
    olga = (await contact_of(inbox, task_id)).id
    see_all = update(t.contact).where(t.contact.c.id == olga).values(contacts_see="all")
    await inbox.store.run(lambda uow: uow.connection.execute(see_all))
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, f":{task_id}\rCp")
        for line in ("Olga would see in", "She never", "pays", "let them be seen"):
            assert line in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert not (await app.inbox.read(queries.contact, olga)).portal
        assert "no access to a page" in screen_text(app)
        await type_burst(pilot, "p")
        await type_burst(pilot, "\r")
        assert (await app.inbox.read(queries.contact, olga)).portal
        assert "has access to a page · not visited yet" in screen_text(app)
        # Without a door nobody could follow a link.
        await type_burst(pilot, "P")
        assert "no client page is served" in said(app).lower()
        # The note, hidden and shown again.
        await type_burst(pilot, "\x1b")
        await type_burst(pilot, "KH")
        await type_burst(pilot, "H")
        assert "She never" in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert (await app.inbox.read(queries.conversation, task_id)).comments[-1].hidden
        await type_burst(pilot, "H")
        await type_burst(pilot, "\r")
        assert not (await app.inbox.read(queries.conversation, task_id)).comments[-1].hidden
