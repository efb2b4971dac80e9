"""A program's answer to a new task's first message (R10, R15, RFC 3834), on both databases."""

from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from pfinbox.channels.mail.reading.mime import Place, Reader, read_mail
from pfinbox.channels.mail.smtp.compose import compose
from pfinbox.daemon.outbound.sender import Sender
from pfinbox.domain.contract.incoming import Incoming, Message, Sort, Unreadable
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound.reactions import acknowledging as rules
from pfinbox.domain.leasing import Process
from pfinbox.services.events import awaiting_reply
from pfinbox.services.system import leases
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Inbox, chat_account, client, mail_account
from tests.daemon.scripted import ScriptedChannel
from tests.services.doing import change, the_task

TEXT = "Thank you; your number is {task}."


async def an_inbox(where: Store) -> Inbox:
    return await Inbox.make(
        where,
        mail_account(acknowledgement=TEXT),
        mail_account("quiet"),
        # Refused by the configuration, and by the rule itself.
        mail_account("anna", role="personal", owner="anna", acknowledgement=TEXT),
        chat_account(acknowledgement="Hello!"),
    )


async def left(inbox: Inbox) -> list[Outgoing]:
    """Everything that is due, sent by a daemon of its own."""
    lease = await inbox.store.run(lambda uow: leases.start(uow, Process("here", 1)))
    await inbox.store.run(lambda uow: leases.acquire(uow, lease, lambda _i, _heartbeat: True))
    channel = ScriptedChannel()
    channels = dict.fromkeys(inbox.account_ids.values(), channel)
    await Sender(inbox.store, lease, channels).run_once()
    return channel.sent


async def queued(inbox: Inbox) -> int:
    async with inbox.store.read() as uow:
        return len((await uow.connection.execute(select(t.delivery.c.id))).all())


async def test_r10_a_first_message_is_acknowledged_in_its_thread(own_store: Store) -> None:
    inbox = await an_inbox(own_store)
    comment_id = await inbox.mails(
        "Where is it?", subject="My order", answer_to=Party("victim@other.example")
    )
    (mail,) = await left(inbox)
    assert mail.text == "Thank you; your number is #1."
    # To whoever wrote, not where a Reply-To points; nothing comes back (RFC 3834).
    assert [party.value for party in mail.to] == ["maria@client.example"]
    assert (mail.automatic, mail.no_bounce, mail.subject) == (True, True, "Re: My order")
    async with inbox.store.read() as uow:
        source_id = await uow.connection.scalar(
            select(t.comment.c.source_id).where(t.comment.c.id == comment_id)
        )
        found = await read.conversation(uow, inbox.actor("anna"), 1)
    assert (mail.in_reply_to, mail.references) == (source_id, (source_id,))
    assert mail.reply_token == "c1"  # an answer lands in the task
    # Shown as what it is, and nobody has answered the client yet (R41).
    assert [(c.automatic, c.internal) for c in found.comments] == [(False, False), (True, False)]
    assert [p.name for p in found.comments[1].notified] == ["Maria"]
    before = await the_task(inbox, 1)
    assert before.waiting_since is not None
    assert (found.task.last_line, found.task.last_direction) == ("Where is it?", "incoming")
    await inbox.store.run(lambda uow: awaiting_reply.refresh(uow, 1))
    assert await the_task(inbox, 1) == before
    # A further message of the same task is not acknowledged.
    await inbox.mails("And?", answers=source_id)
    assert await left(inbox) == []
    await inbox.store.close()


NEVER: tuple[dict[str, Any], ...] = (
    {"sort": Sort.AUTOMATIC},
    {"sort": Sort.BOUNCE},
    {"spam": True},
    {"no_auto_reply": True},
    {"sender": "no-reply@shop.example"},
    {"sender": "quiet@ours.example"},
    {"sender": "boris@ours.example"},
    {"account": "quiet"},
    {"account": "anna"},
)


async def test_r10_who_is_never_acknowledged(own_store: Store) -> None:
    inbox = await an_inbox(own_store)
    async with inbox.store.write() as uow:
        boris = t.agent.c.login == "boris"
        await uow.connection.execute(
            t.agent.update().where(boris).values(email="boris@ours.example")
        )
        await uow.commit()
    for n, values in enumerate(NEVER):
        await inbox.mails(**{"sender": f"m{n}@client.example", **values})
    old = Message(
        source_id="<old@x>",
        chat_key=None,
        sender=Party("old@client.example"),
        sent_at=inbox.clock.now,
        text="Years ago",
    )
    broken = Unreadable(reason=Reason("unreadable", {"detail": "x"}), sent_at=inbox.clock.now)
    await inbox.receive(
        "support",
        Incoming(key="INBOX:1:1", raw=b"1", event=old, history=True),
        Incoming(key="INBOX:1:2", raw=b"2", event=broken),
    )
    assert await queued(inbox) == 0
    await inbox.store.close()


async def test_r10_a_budget_for_each_sender_and_each_account(own_store: Store) -> None:
    inbox = await an_inbox(own_store)
    for _n in range(3):
        await inbox.mails()
    assert await queued(inbox) == 1
    inbox.clock.advance(days=1)
    await inbox.mails()
    assert await queued(inbox) == 2
    await inbox.mails(sender="second@client.example")
    assert await queued(inbox) == 3
    async with inbox.store.write() as uow:
        one = select(t.delivery).order_by(t.delivery.c.id.desc()).limit(1)
        row = dict((await uow.connection.execute(one)).mappings().one())
        del row["id"]
        flood = [{**row, "address": f"m{n}@x.example"} for n in range(rules.AN_HOUR - 2)]
        await uow.connection.execute(insert(t.delivery), flood)
        await uow.commit()
    before = await queued(inbox)
    await inbox.mails(sender="third@client.example")
    assert await queued(inbox) == before
    inbox.clock.advance(hours=1)
    await inbox.mails(sender="fourth@client.example")
    assert await queued(inbox) == before + 1
    await inbox.store.close()


async def test_r15_a_messenger_gets_one_where_it_is_configured(own_store: Store) -> None:
    inbox = await an_inbox(own_store)
    await inbox.says("Hi")
    await inbox.says("Are you there?")
    (said,) = await left(inbox)
    assert (said.chat_key, said.text, said.sender_name) == ("501", "Hello!", "")
    # R6: a new task the next day is acknowledged anew, R42: a blocked chat never.
    await inbox.comment(1, to=[client(1)])
    await change(inbox, 1, status="done")
    inbox.clock.advance(days=2)
    await inbox.says("Hi again")
    assert [part.text for part in await left(inbox)] == ["Hello back", "Hello!"]
    await inbox.store.close()


async def test_r10_two_inboxes_that_answer_each_other_stop(
    own_store: Store, tmp_path: Path
) -> None:
    """By the bytes of the mails: each takes what the other has sent for what it is."""
    ours = await an_inbox(own_store)
    theirs = await Inbox.make(
        f"sqlite+aiosqlite:///{tmp_path}/theirs", mail_account("help", acknowledgement=TEXT)
    )
    sides = {"support": ours, "help": theirs}
    # An agent of theirs writes to us as to any client.
    first = Outgoing(
        chat_key=None,
        to=(Party("support@ours.example"),),
        subject="A question",
        text="Do you know?",
        created_at=ours.clock.now,
        source_id="<first@ours.example>",
    )
    under_way, passed = [("help", first)], 0
    while under_way:
        sender, mail = under_way.pop()
        (receiver,) = set(sides) - {sender}
        raw = compose(
            mail,
            source_id=mail.source_id or "",
            sender=Party(f"{sender}@ours.example", sender),
            reply_to=None,
            mac_key=sender.encode(),
        )
        reader = Reader(receiver.encode(), frozenset({f"{receiver}@ours.example"}))
        event = read_mail(raw, reader, Place())
        await sides[receiver].receive(
            receiver, Incoming(key=f"INBOX:1:{passed}", raw=raw, event=event)
        )
        passed += 1
        assert passed < 10
        for name, inbox in sides.items():
            under_way += [(name, one) for one in await left(inbox)]
    # Of the question, of its acknowledgement, and of nothing else.
    assert passed == 2
    for inbox in sides.values():
        await inbox.store.close()
