"""Receiving loses nothing and shows nothing twice (R12), whatever one message does."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError

from pfinbox.daemon.receiver import Receiver
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.channel import AccountFailure, Channel, TemporaryFailure
from pfinbox.domain.contract.incoming import ChatStarted, Incoming, Message, Unreadable
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inviting import STALE
from pfinbox.store import read
from pfinbox.store import tables as t
from tests.builders import Inbox
from tests.daemon.scripted import ScriptedChannel
from tests.daemon.test_sender import a_lease


def said(inbox: Inbox, n: int, text: str = "Hello", **values: Any) -> Incoming:
    message = Message(
        source_id=f"7:{n}",
        chat_key="7",
        sender=Party("7", "Maria"),
        sent_at=inbox.clock.now,
        text=text,
        **values,
    )
    return Incoming(key=str(n), raw=b"{}", event=message)


async def receive(inbox: Inbox, channel: Channel) -> bool:
    """As a new daemon would until nothing more waits; whether the account could be reached."""
    lease = await a_lease(inbox, dead=True)
    receiver = Receiver(
        inbox.store, inbox.account_ids["bot"], "bot", channel, lease, fresh=lambda: True
    )
    return await receiver.run_once()


async def state(inbox: Inbox) -> tuple[str, str | None]:
    async with inbox.store.read() as uow:
        row = next(r for r in await read.accounts(uow, AgentActor(1)) if r.name == "bot")
    return row.state, row.detail.kind if row.detail else None


async def test_r30_a_stale_invitation_is_answered_once_even_if_that_fails(inbox: Inbox) -> None:
    channel = ScriptedChannel()
    channel.outcomes = [("before", TemporaryFailure(Reason("rate_limited", {"seconds": 9})))]
    for n in (1, 2):
        event = ChatStarted(
            chat_key=str(n), sender=Party(str(n)), at=inbox.clock.now, payload="x" * 32
        )
        items = (Incoming(key=f"s{n}", raw=b"{}", event=event), said(inbox, n))
        profile = Profile("@shop_bot", "https://chat.example/{token}")
        channel.batches.put_nowait(Batch(items=items, profile=profile))
    assert await receive(inbox, channel)
    assert [(part.chat_key, part.text) for part in channel.sent] == [("2", STALE)]
    async with inbox.store.read() as uow:
        assert await uow.connection.scalar(select(func.count(t.comment.c.id))) == 2
        accounts = {one.name: one.public_name for one in await read.accounts(uow, AgentActor(1))}
    assert accounts["bot"] == "@shop_bot"
    assert await state(inbox) == ("ok", None)


async def test_r12_the_cursor_is_stored_with_the_messages(inbox: Inbox) -> None:
    channel = ScriptedChannel()
    channel.batches.put_nowait(Batch(items=(said(inbox, 1), said(inbox, 2)), cursor="2"))
    assert await receive(inbox, channel)
    async with inbox.store.read() as uow:
        cursor = await uow.connection.scalar(
            select(t.account.c.cursor).where(t.account.c.name == "bot")
        )
        texts = list(await uow.connection.scalars(select(t.comment.c.text)))
    assert (cursor, len(texts)) == ("2", 2)
    assert await state(inbox) == ("ok", None)


async def test_one_poisonous_message_is_quarantined_and_the_others_arrive(inbox: Inbox) -> None:
    # Nothing that a database could be asked about: no rule of ours looks at it before.
    poison = said(inbox, 2, references=(object(),))
    channel = ScriptedChannel()
    # And one whose very key cannot be kept.
    keyed = replace(said(inbox, 4, "four"), key="bot:\ud800\0")
    items = (said(inbox, 1, "one"), poison, keyed, said(inbox, 3, "three"))
    batch = Batch(items=items, cursor="3")
    channel.batches.put_nowait(batch)
    assert await receive(inbox, channel)
    async with inbox.store.read() as uow:
        texts = list(
            await uow.connection.scalars(select(t.comment.c.text).order_by(t.comment.c.id))
        )
        kept = await read.quarantine(uow)
    assert texts == ["one", "", "", "three"]
    assert [row.reason.kind for row in kept if row.reason] == ["internal_error"] * 2


async def test_r12_a_batch_that_collides_again_and_again_is_stored_message_by_message(
    inbox: Inbox,
) -> None:
    tries = 0

    def collide(*given: Any) -> None:
        nonlocal tries
        _connection, _cursor, statement, rows, _context, many = given
        if many and len(rows) > 1 and statement.startswith("INSERT INTO comment "):
            tries += 1
            raise IntegrityError(statement, rows, Exception("UNIQUE constraint failed"))

    engine = inbox.store.writer.sync_engine
    event.listen(engine, "before_cursor_execute", collide)
    channel = ScriptedChannel()
    items = tuple(said(inbox, n, f"number {n}") for n in range(3))
    channel.batches.put_nowait(Batch(items=items, cursor="3"))
    assert await receive(inbox, channel)
    event.remove(engine, "before_cursor_execute", collide)
    async with inbox.store.read() as uow:
        texts = await uow.connection.scalars(select(t.comment.c.text).order_by(t.comment.c.id))
        cursor = select(t.account.c.cursor).where(t.account.c.name == "bot")
        assert await uow.connection.scalar(cursor) == "3"
    assert texts.all() == ["number 0", "number 1", "number 2"]
    assert tries > 1


async def test_what_cannot_be_read_is_a_task_that_says_so(inbox: Inbox) -> None:
    event = Unreadable(
        reason=Reason("unreadable", {"detail": "garbage"}), sent_at=inbox.clock.now, title="Odd"
    )
    channel = ScriptedChannel()
    channel.batches.put_nowait(Batch(items=(Incoming(key="1", raw=b"\xff\x00", event=event),)))
    assert await receive(inbox, channel)
    async with inbox.store.read() as uow:
        page = await read.tasks(uow, inbox.actor("anna"), "all")
        raw = await uow.connection.scalar(select(t.receipt.c.raw))
    assert [row.title for row in page.rows] == ["Odd"]
    assert raw == b"\xff\x00"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (AccountFailure(Reason("auth_failed", {"detail": "no"})), ("failed", "auth_failed")),
        (TemporaryFailure(Reason("rate_limited", {"seconds": 3})), ("retrying", "rate_limited")),
        (RuntimeError("a fault"), ("retrying", "internal_error")),
    ],
)
async def test_a_failing_account_says_so(
    inbox: Inbox, error: Exception, shown: tuple[str, str]
) -> None:
    channel = ScriptedChannel()
    channel.batches.put_nowait(error)
    assert not await receive(inbox, channel)
    assert await state(inbox) == shown


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_r12_what_has_no_room_is_said_and_comes_again(inbox: Inbox) -> None:
    """As on a full disk: a word has room where a mail has none."""
    await inbox.store.close()
    pages = 0

    def limit(dbapi: Any, _record: Any) -> None:
        cursor = dbapi.cursor()
        cursor.execute(f"pragma max_page_count = {pages}")
        cursor.close()

    async with inbox.store.read() as uow:
        pages = int(await uow.connection.scalar(text("pragma page_count"))) + 8
    await inbox.store.close()
    event.listen(inbox.store.writer.sync_engine, "connect", limit)
    try:
        batch = Batch(items=(said(inbox, 1, "x" * 100_000),), cursor="1")
        channel = ScriptedChannel()
        channel.batches.put_nowait(batch)
        assert not await receive(inbox, channel)
        assert await state(inbox) == ("retrying", "not_stored")
    finally:
        event.remove(inbox.store.writer.sync_engine, "connect", limit)
        await inbox.store.close()
    channel.batches.put_nowait(batch)
    assert await receive(inbox, channel)
    assert await state(inbox) == ("ok", None)
    async with inbox.store.read() as uow:
        assert await uow.connection.scalar(select(func.count()).select_from(t.comment)) == 1
