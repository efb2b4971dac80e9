"""Nobody of our own side is a client, wherever one of our addresses stands (R43)."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import Incoming, Message, Sort, Unreadable
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify
from pfinbox.errors import Refused
from pfinbox.services.comments import correspondents
from pfinbox.services.people import agents, contacts
from pfinbox.store import load, read
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Inbox, mail_account

# A shared account's, its alias, a signed reply address, a personal account's, an agent's own and
# that of an agent who has left.
OURS = (
    "sales@ours.example",
    "shop@ours.example",
    "Sales+c1.aaaaaaaaaaaaaaaaaaaa@ours.example",
    "anna.privat@ours.example",
    "anna@ours.example",
    "boris@ours.example",
)


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """SQLite alone, where it is about rules and not about statements."""
    return str(request.param)


@pytest.fixture
async def house(own_store: Store) -> AsyncIterator[Inbox]:
    inbox = await Inbox.make(
        own_store,
        mail_account(),
        mail_account("sales", addresses=("sales@ours.example", "shop@ours.example")),
        mail_account("anna.privat", role="personal", owner="anna"),
    )
    me, boris = inbox.agent_ids["anna"], inbox.agent_ids["boris"]
    await inbox.store.run(
        lambda uow: agents.set_(uow, AgentActor(me), "anna", email="anna@ours.example")
    )
    await inbox.store.run(
        lambda uow: agents.set_(uow, AgentActor(me), "boris", email="boris@ours.example")
    )
    async with inbox.store.write() as uow:
        left = t.agent.update().where(t.agent.c.id == boris).values(active=False)
        await uow.connection.execute(left)
        await uow.commit()
    yield inbox
    await inbox.store.close()


async def receive(inbox: Inbox, key: str, message: Message | Unreadable) -> None:
    await inbox.receive("support", Incoming(key=key, raw=key.encode(), event=message))


async def addresses(inbox: Inbox) -> list[str]:
    async with inbox.store.read() as uow:
        return list(await uow.connection.scalars(select(t.address.c.value)))


async def to_answer(inbox: Inbox) -> int:
    async with inbox.store.read() as uow:
        return len((await read.tasks(uow, inbox.actor("anna"), "to_answer")).rows)


@pytest.mark.parametrize("address", OURS)
async def test_r43_no_address_of_ours_is_a_client_wherever_it_stands(
    house: Inbox, address: str
) -> None:
    ours = Party(address.lower(), "Ours")
    mail = Message(
        source_id="<1@x>",
        chat_key=None,
        sender=ours,
        to=(Party("support@ours.example"),),
        sent_at=house.clock.now,
        text="From us",
        title="From us",
    )
    await receive(house, "INBOX:1:1", mail)
    # A program of ours answers a program of ours: nothing goes on from that.
    program = replace(mail, source_id="<2@x>", sort=Sort.AUTOMATIC, text="Away")
    await receive(house, "INBOX:1:2", program)
    returned = replace(mail, source_id="<3@x>", sort=Sort.BOUNCE, text="Returned")
    await receive(house, "INBOX:1:3", returned)
    await receive(
        house,
        "INBOX:1:4",
        Unreadable(reason=Reason("too_slow"), sent_at=house.clock.now, sender=ours, title="Slow"),
    )
    old = replace(mail, source_id="<5@x>", text="History")
    history = Incoming(key="INBOX:1:5", raw=b"5", event=old, history=True)
    await house.receive("support", history)
    # In a Sent folder, to one of ours and to nobody at all.
    copy = replace(mail, source_id="<6@x>", in_sent=True, to=(ours,), text="Copy")
    await receive(house, "Sent:1:1", copy)
    await receive(house, "Sent:1:2", replace(copy, source_id="<7@x>", to=(), text="Note"))
    assert (await addresses(house), await to_answer(house)) == ([], 0)
    async with house.store.read() as uow:
        rows = (await uow.connection.execute(select(t.comment))).all()
    said = {row.text: (row.direction, row.internal, row.sent_elsewhere) for row in rows}
    assert said["From us"] == ("outgoing", True, False)
    assert said["Copy"] == ("outgoing", False, True)
    # A client's mail: with ours beside the client, and to be answered to ours.
    client = replace(
        mail,
        source_id="<8@x>",
        sender=Party("maria@client.example", "Maria"),
        to=(Party("support@ours.example"), ours),
        cc=(ours,),
        answer_to=ours,
        text="From a client",
    )
    await receive(house, "INBOX:1:6", client)
    assert (await addresses(house), await to_answer(house)) == (["maria@client.example"], 1)
    async with house.store.read() as uow:
        query = select(t.comment.c.id).where(t.comment.c.text == "From a client")
        asked = await uow.connection.scalar(query)
        task_id = await load.comments.task_of(uow, comment_id=asked)
        original = await load.originals.original(uow, task_id or 0, asked or 0)
        people = await correspondents.on_mail(uow, original)
        answer_to = await uow.connection.scalar(select(t.chat.c.answer_to))
    assert people == correspondents.OnMail()
    if address not in ("anna@ours.example", "boris@ours.example"):
        assert answer_to is None  # an answer would come back to ourselves
    # Nor does anybody of ours become one by hand.
    chosen = Notify(newcomers=(ours,))
    with pytest.raises(Refused):
        await house.store.run(lambda uow: correspondents.settle(uow, chosen))
    if answer_to is None:
        me = house.agent_ids["anna"]
        with pytest.raises(Refused):
            await house.store.run(
                lambda uow: contacts.new(uow, AgentActor(me), "X", addresses=[("email", address)])
            )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)
async def test_r43_two_of_our_accounts_on_one_mail_are_no_clients_of_each_other(
    house: Inbox,
) -> None:
    both = (Party("support@ours.example"), Party("sales@ours.example"))
    for account in ("support", "sales"):
        await house.mails(account=account, to=both, source_id="<both@client.example>")
    assert await addresses(house) == ["maria@client.example"]
    assert await to_answer(house) == 2


async def test_r43_whoever_fills_in_our_form_is_the_client(house: Inbox) -> None:
    """Sites send what visitors write from their own address, the visitor's in Reply-To."""
    await house.mails(
        "I want one",
        sender="support@ours.example",
        name="Our site",
        answer_to=Party("visitor@client.example", "Visitor"),
        verified=True,
    )
    assert (await addresses(house), await to_answer(house)) == (["visitor@client.example"], 1)
    async with house.store.read() as uow:
        row = (await uow.connection.execute(select(t.comment))).one()
        chat = (await uow.connection.execute(select(t.chat))).one()
    # That it is ours is proven; who wrote is not.
    assert (row.direction, row.verified, chat.answer_to) == ("incoming", False, None)


async def test_r43_what_lies_in_sent_is_ours_by_an_alias_that_nobody_configured(
    house: Inbox,
) -> None:
    await house.mails(source_id="<q@x>")
    client = Message(
        source_id="<s@x>",
        chat_key=None,
        sender=Party("old-name@ours.example"),
        to=(Party("maria@client.example"),),
        sent_at=house.clock.now,
        text="Answered",
        references=("<q@x>",),
        in_sent=True,
    )
    await receive(house, "Sent:1:1", client)
    assert (await addresses(house), await to_answer(house)) == (["maria@client.example"], 0)
    # What a client wrote stays what it is, whoever has put it there.
    await house.mails("Moved", answers="<q@x>", in_sent=True)
    assert await to_answer(house) == 1
