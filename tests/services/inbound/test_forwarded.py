"""A client's mail forwarded by an agent is the client's, and trusted in nothing (R43)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Row, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Incoming, Message, Original, Sort
from pfinbox.domain.contract.party import Party
from pfinbox.services.people import agents
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Inbox, chat_account, mail_account

CLIENT = Party("maria@client.example", "Maria")


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """SQLite alone, where it is about rules and not about statements."""
    return str(request.param)


@pytest.fixture
async def house(own_store: Store) -> AsyncIterator[Inbox]:
    inbox = await Inbox.make(
        own_store,
        mail_account(acknowledgement="We have it."),
        mail_account("anna.privat", role="personal", owner="anna"),
        chat_account(),
    )
    me = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: agents.set_(uow, AgentActor(me), "anna", email="anna@ours.example")
    )
    yield inbox
    await inbox.store.close()


def a_forward(at: datetime, sender: str = "anna@ours.example", **values: Any) -> Message:
    original = Original(
        sender=values.pop("of", CLIENT),
        text="The lamp is broken.",
        title="Re: Lamp",
        claimed_at=at.replace(day=1),
        dated="1 November",
        files=(File("lamp.png", "image/png", b"PNG"),),
        note=values.pop("note", "Please take it."),
    )
    message = Message(
        source_id="<fwd@ours>",
        chat_key=None,
        sender=Party(sender, "Anna"),
        to=(Party("support@ours.example"),),
        sent_at=at,
        text="Please take it. ---- The lamp is broken.",
        title="Fwd: Re: Lamp",
        files=original.files,
        original=original,
    )
    return replace(message, **values)


async def receive(inbox: Inbox, message: Message, n: int = 1, **values: Any) -> Any:
    key = f"Forwards:1:{n}"
    incoming = Incoming(key=key, raw=key.encode(), event=message, **values)
    return await inbox.receive("support", incoming)


async def said(inbox: Inbox) -> list[Row[Any]]:
    async with inbox.store.read() as uow:
        by_people = select(t.comment).where(t.comment.c.text != "We have it.")
        return list((await uow.connection.execute(by_people.order_by(t.comment.c.id))).all())


async def cards(inbox: Inbox) -> list[str]:
    async with inbox.store.read() as uow:
        return list(
            await uow.connection.scalars(select(t.address.c.value).order_by(t.address.c.id))
        )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)
async def test_r43_it_is_the_client_s_and_the_agent_s_words_are_a_note(house: Inbox) -> None:
    message = a_forward(house.clock.now, verified=True)
    await receive(house, message)
    # The second copy is none.
    again = await receive(house, message, 2)
    assert (again.comment_ids, again.duplicates) == ([], 1)
    wrote, note = await said(house)
    assert (wrote.direction, wrote.text, wrote.verified) == (
        "incoming",
        "The lamp is broken.",
        False,
    )
    assert (wrote.claimed_at, wrote.internal) == (message.original.claimed_at, False)  # type: ignore[union-attr]
    assert wrote.warnings[0] == {"kind": "forwarded", "args": {"by": "anna", "date": "1 November"}}
    assert (note.direction, note.text, note.internal) == ("outgoing", "Please take it.", True)
    assert (note.agent_id, note.verified) == (house.agent_ids["anna"], True)
    assert await cards(house) == ["maria@client.example"]
    async with house.store.read() as uow:
        (task,) = (await read.tasks(uow, AgentActor(house.agent_ids["anna"]), "to_answer")).rows
        files = list(await uow.connection.scalars(select(t.attachment.c.comment_id)))
        chat = (await uow.connection.execute(select(t.chat))).one()
        sent = await uow.connection.scalar(select(t.delivery.c.id))
    assert (task.title, task.contact.name if task.contact else None) == ("Re: Lamp", "Maria")
    assert (task.last_line, files, chat.answer_to) == ("The lamp is broken.", [wrote.id], None)
    # Nobody else hears of it: who wrote is not proven.
    assert sent is None


async def test_r43_nothing_that_a_forward_says_is_trusted(house: Inbox) -> None:
    """Anybody can write an agent's address into From, and whatever else."""
    await house.mails("My secret", source_id="<secret@x>")
    forged = a_forward(
        house.clock.now,
        references=("<secret@x>",),
        tokens=("c1",),
        id_tokens=("c1",),
        task_number=1,
        answered_subject="a question",
        answer_to=Party("eve@evil.example"),
        cc=(Party("eve@evil.example"),),
    )
    await receive(house, forged)
    first, wrote, note = await said(house)
    assert wrote.task_id == note.task_id != first.task_id
    assert (wrote.verified, note.verified, wrote.recipients) == (False, False, None)
    assert await cards(house) == ["maria@client.example"]
    # An answer to the mails that the forged one named still goes where it belongs.
    later = await house.mails("And more", answers="<secret@x>")
    assert [row.task_id for row in await said(house) if row.id == later] == [first.task_id]


@pytest.mark.parametrize(
    "values",
    [
        {"of": Party("support@ours.example")},  # our own mail is no client's
        {"of": Party("Support+c1.aaaaaaaaaaaaaaaaaaaa@ours.example")},
        {"of": Party("anna.privat@ours.example")},
        {"of": Party("anna@ours.example")},
        {"of": Party("", "Somebody")},
        {"original": None},
        {"original": None, "title": "No sign of a forward"},
    ],
)
async def test_r43_what_is_no_client_s_stays_a_note(house: Inbox, values: dict[str, Any]) -> None:
    await receive(house, a_forward(house.clock.now, **values))
    (note,) = await said(house)
    assert (note.direction, note.internal, note.verified) == ("outgoing", True, False)
    assert note.agent_id == house.agent_ids["anna"]
    assert "The lamp is broken." in note.text
    assert await cards(house) == []
    unclear = [one["kind"] for one in note.warnings or ()]
    assert unclear == (["forward_unclear"] if values == {"original": None} else [])


async def test_r43_only_an_agent_forwards_for_somebody_else(house: Inbox) -> None:
    """A client who forwards something is just a client."""
    await receive(house, a_forward(house.clock.now, sender="bob@client.example"))
    (wrote,) = await said(house)
    assert wrote.text.startswith("Please take it.")
    assert await cards(house) == ["bob@client.example"]


async def test_r43_by_a_personal_account_in_history_and_from_a_blocked_client(
    house: Inbox,
) -> None:
    await receive(house, a_forward(house.clock.now, sender="anna.privat@ours.example", note=""))
    old = a_forward(house.clock.now, source_id="<old@ours>")
    await receive(house, old, 2, history=True)
    rows = await said(house)
    assert [(row.direction, row.imported) for row in rows] == [
        ("incoming", False),
        ("incoming", True),
        ("outgoing", True),
    ]
    async with house.store.write() as uow:
        await uow.connection.execute(t.address.update().values(blocked_at=uow.now))
        await uow.commit()
    last = a_forward(house.clock.now, source_id="<spam@ours>", sort=Sort.AUTOMATIC)
    await receive(house, last, 3)
    async with house.store.read() as uow:
        spam = list(await uow.connection.scalars(select(t.task.c.spam).order_by(t.task.c.id)))
        waiting = (await read.tasks(uow, AgentActor(house.agent_ids["anna"]), "to_answer")).rows
    assert (spam, len(waiting)) == ([False, False, True], 1)
