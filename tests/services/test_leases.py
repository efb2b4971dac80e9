"""One daemon for an account at a time, and R4 under concurrent receivers, on both databases."""

import asyncio

from sqlalchemy import func, select

from pfinbox.domain.envelope import Batch, Incoming, Message, Party
from pfinbox.services import inbound, leases
from pfinbox.services.leases import Process
from pfinbox.store import tables as t
from tests.builders import Inbox


async def test_the_second_daemon_stands_by_and_takes_over_a_dead_one(inbox: Inbox) -> None:
    first = await inbox.store.run(lambda uow: leases.start(uow, Process("a", "b", 1)))
    second = await inbox.store.run(lambda uow: leases.start(uow, Process("a", "b", 2)))
    assert second.epoch > first.epoch
    held = await inbox.store.run(lambda uow: leases.acquire(uow, first, lambda _p: True))
    assert len(held.account_ids) == 2
    waits = await inbox.store.run(lambda uow: leases.acquire(uow, second, lambda _p: True))
    assert waits.account_ids == ()
    assert waits.others["bot"].pid == 1
    takes = await inbox.store.run(lambda uow: leases.acquire(uow, second, lambda _p: False))
    assert len(takes.account_ids) == 2


async def test_another_host_s_daemon_is_dead_after_twenty_seconds_of_silence(
    inbox: Inbox,
) -> None:
    first = await inbox.store.run(lambda uow: leases.start(uow, Process("far", "b", 1)))
    await inbox.store.run(lambda uow: leases.acquire(uow, first, lambda _p: None))
    second = await inbox.store.run(lambda uow: leases.start(uow, Process("near", "b", 2)))
    inbox.clock.advance(seconds=15)
    held = await inbox.store.run(lambda uow: leases.acquire(uow, second, lambda _p: None))
    assert held.account_ids == ()
    inbox.clock.advance(seconds=10)
    held = await inbox.store.run(lambda uow: leases.acquire(uow, second, lambda _p: None))
    assert len(held.account_ids) == 2


async def test_a_clean_end_leaves_nothing_to_wait_for(inbox: Inbox) -> None:
    first = await inbox.store.run(lambda uow: leases.start(uow, Process("far", "b", 1)))
    await inbox.store.run(lambda uow: leases.acquire(uow, first, lambda _p: None))
    await inbox.store.run(lambda uow: leases.release(uow, first))
    second = await inbox.store.run(lambda uow: leases.start(uow, Process("near", "b", 2)))
    held = await inbox.store.run(lambda uow: leases.acquire(uow, second, lambda _p: None))
    assert len(held.account_ids) == 2


async def test_r4_concurrent_receivers_never_open_two_tasks_for_a_chat(inbox: Inbox) -> None:
    """R4, R27: twenty writers at once, one chat and one new card."""

    async def one(n: int) -> None:
        message = Message(
            source_id=f"7:{n}",
            chat_key="7",
            sender=Party("7", "Maria"),
            sent_at=inbox.clock.now,
            text=str(n),
        )
        batch = Batch(items=(Incoming(key=str(n), raw=b"", event=message),))
        account_id = inbox.account_ids["bot"]
        await inbox.store.run(lambda uow: inbound.receive(uow, account_id, batch))

    await asyncio.gather(*(one(n) for n in range(20)))
    async with inbox.store.read() as uow:
        for table, expected in ((t.task, 1), (t.contact, 1), (t.chat, 1), (t.comment, 20)):
            n = await uow.connection.scalar(select(func.count()).select_from(table))
            assert n == expected, table.name
        current = await uow.connection.scalar(
            select(func.count()).select_from(t.binding).where(t.binding.c.current)
        )
        assert current == 1
