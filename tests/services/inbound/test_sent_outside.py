"""Our own side writes with another program: shown, and an answer to whom it went (R14, R43)."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.contract.party import Party
from pfinbox.store import read
from pfinbox.store import tables as t
from tests.builders import Inbox
from tests.services.doing import merge, the_task, unmerge
from tests.services.inbound.test_arrival import task_of


async def sends(inbox: Inbox, name: str, *to: str, at: datetime | None = None) -> None:
    """A mail that answers <first@x> is seen in the Sent folder."""
    copy = Message(
        source_id=f"<{name}@ours>",
        chat_key=None,
        sender=Party("support@ours.example"),
        to=tuple(Party(one) for one in to),
        sent_elsewhere=True,
        sent_at=at or inbox.clock.now,
        text=name,
        references=("<first@x>",),
    )
    await inbox.receive("support", Incoming(key=f"Sent:1:{name}", raw=name.encode(), event=copy))


async def reached(inbox: Inbox, name: str) -> list[str]:
    async with inbox.store.read() as uow:
        query = (
            select(t.contact.c.name)
            .join(t.notify, t.notify.c.contact_id == t.contact.c.id)
            .join(t.comment, t.comment.c.id == t.notify.c.comment_id)
            .where(t.comment.c.text == name)
            .order_by(t.notify.c.id)
        )
        return list(await uow.connection.scalars(query))


async def names(inbox: Inbox) -> list[str]:
    async with inbox.store.read() as uow:
        return list(await uow.connection.scalars(select(t.contact.c.name).order_by(t.contact.c.id)))


async def test_r43_an_answer_from_elsewhere_leaves_who_wrote_after_it_waiting(
    inbox: Inbox,
) -> None:
    """The folders are read one after the other: what was sent may be seen minutes later."""
    first = await inbox.mails("First", source_id="<first@x>")
    sent_at = inbox.clock.now + timedelta(seconds=30)
    inbox.clock.advance(minutes=1)
    second = await inbox.mails("Second", answers="<first@x>")
    copy = Message(
        source_id="<sent@ours>",
        chat_key=None,
        sender=Party("support@ours.example"),
        to=(Party("maria@client.example"),),
        sent_elsewhere=True,
        sent_at=sent_at,
        text="To the first",
        references=("<first@x>",),
    )
    await inbox.receive("support", Incoming(key="Sent:1:1", raw=b"sent", event=copy))
    assert await task_of(inbox, first) == await task_of(inbox, second) == 1
    async with inbox.store.read() as uow:
        row = (await uow.connection.execute(select(t.task))).one()
        wrote = await uow.connection.scalar(
            select(t.comment.c.created_at).where(t.comment.c.id == second)
        )
        views = [
            [task.id for task in (await read.tasks(uow, inbox.actor("anna"), view)).rows]
            for view in ("to_answer", "waiting")
        ]
    assert (row.waiting_since, row.last_notable_id) == (wrote, second)
    assert (row.last_line, row.last_direction, views) == ("Second", "incoming", [[1], []])
    again = replace(copy, source_id="<sent2@ours>", sent_at=inbox.clock.now + timedelta(minutes=1))
    inbox.clock.advance(minutes=2)
    await inbox.receive("support", Incoming(key="Sent:1:2", raw=b"sent2", event=again))
    assert (await the_task(inbox, 1)).waiting_since is None


async def test_r14_whoever_it_went_to_has_it_and_our_own_people_get_no_cards(inbox: Inbox) -> None:
    async with inbox.store.write() as uow:
        boris = t.agent.c.id == inbox.agent_ids["boris"]
        await uow.connection.execute(t.agent.update().where(boris).values(email="b@ours.example"))
        await uow.commit()
    await inbox.mails(source_id="<first@x>", answer_to=Party("office@client.example"))
    await inbox.mails(sender="lawyer@z.example", name="Lawyer")
    await sends(inbox, "to a colleague", "b@ours.example")
    await sends(inbox, "to nobody who is named")
    assert (await the_task(inbox, 1)).waiting_since is not None
    await sends(inbox, "two", "lawyer@z.example", "maria@client.example", "support@ours.example")
    # Where the client wants to be answered it is the client who is answered.
    await sends(inbox, "office", "office@client.example")
    assert await reached(inbox, "to a colleague") == []
    assert await reached(inbox, "to nobody who is named") == []
    assert set(await reached(inbox, "two")) == {"Maria", "Lawyer"}
    assert await reached(inbox, "office") == ["Maria"]
    assert await names(inbox) == ["Maria", "Lawyer"]
    assert (await the_task(inbox, 1)).waiting_since is None


async def test_r41_a_mail_that_comes_late_waits_whatever_is_computed_anew(inbox: Inbox) -> None:
    """Dated before what was sent elsewhere, but read after it: nobody here had seen it."""
    await inbox.mails(source_id="<first@x>")
    inbox.clock.advance(minutes=10)
    await sends(inbox, "answer", "maria@client.example")
    assert (await the_task(inbox, 1)).waiting_since is None
    dated = inbox.clock.now - timedelta(minutes=5)
    await inbox.mails("Was in quarantine", answers="<first@x>", sent_at=dated)
    await inbox.mails(sender="bob@y.example")
    await merge(inbox, 1, 2, force=True)
    await unmerge(inbox, 2)
    assert (await the_task(inbox, 1)).waiting_since is not None


async def test_r43_to_somebody_else_is_no_answer_to_the_client(inbox: Inbox) -> None:
    await inbox.mails(source_id="<first@x>")
    await sends(inbox, "to a supplier", "supplier@z.example")
    assert (await the_task(inbox, 1)).waiting_since is not None
