"""One daemon for an account at a time, and R4 under concurrent receivers, on both databases."""

import asyncio

import pytest
from sqlalchemy import func, select, text

from pfinbox.daemon.clearing import way_cleared
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.contract.party import Party
from pfinbox.domain.leasing import LeaseGone, Process
from pfinbox.errors import StoreError
from pfinbox.services.inbound import receiving
from pfinbox.services.system import leases
from pfinbox.store import tables as t
from tests.builders import Inbox


async def test_the_second_daemon_stands_by_and_takes_over_a_silent_one(inbox: Inbox) -> None:
    run = inbox.store.run
    first = await run(lambda uow: leases.start(uow, Process("a", 1)))
    second = await run(lambda uow: leases.start(uow, Process("a", 1)))
    assert second.epoch > first.epoch
    held = await run(lambda uow: leases.acquire(uow, first))
    assert len(held.account_ids) == 2
    waits = await run(lambda uow: leases.acquire(uow, second))
    assert waits.account_ids == ()
    holder = waits.others["bot"]
    # Silent, but its heart beats once more just before it is taken for dead.
    await run(lambda uow: leases.acquire(uow, first))
    seen = {holder.instance: holder.heartbeat}
    waits = await run(lambda uow: leases.acquire(uow, second, lambda i, n: n <= seen[i]))
    assert waits.account_ids == ()
    takes = await run(lambda uow: leases.acquire(uow, second, lambda _i, _n: True))
    assert len(takes.account_ids) == 2
    # Its lease is over for good, also when the second one ends.
    await run(lambda uow: leases.release(uow, second))
    with pytest.raises(LeaseGone):
        await run(lambda uow: leases.acquire(uow, first))
    with pytest.raises(LeaseGone):
        await run(lambda uow: leases.hold(uow, first, inbox.account_ids["bot"]))


async def test_a_clean_end_leaves_nothing_to_wait_for(inbox: Inbox) -> None:
    first = await inbox.store.run(lambda uow: leases.start(uow, Process("far", 1)))
    await inbox.store.run(lambda uow: leases.acquire(uow, first))
    await inbox.store.run(lambda uow: leases.release(uow, first))
    second = await inbox.store.run(lambda uow: leases.start(uow, Process("near", 2)))
    held = await inbox.store.run(lambda uow: leases.acquire(uow, second))
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
        await inbox.store.run(lambda uow: receiving.receive(uow, account_id, batch))

    await asyncio.gather(*(one(n) for n in range(20)))
    async with inbox.store.read() as uow:
        for table, expected in ((t.task, 1), (t.contact, 1), (t.chat, 1), (t.comment, 20)):
            n = await uow.connection.scalar(select(func.count()).select_from(table))
            assert n == expected, table.name
        current = await uow.connection.scalar(
            select(func.count()).select_from(t.binding).where(t.binding.c.current)
        )
        assert current == 1


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_who_is_stopped_in_a_transaction_keeps_no_locks(inbox: Inbox) -> None:
    """A daemon that was stopped in the middle of its heartbeat is taken over all the same."""
    first = await inbox.store.run(lambda uow: leases.start(uow, Process("a", 1)))
    second = await inbox.store.run(lambda uow: leases.start(uow, Process("b", 1)))
    limit = "idle_in_transaction_session_timeout"

    async def be_stopped() -> None:
        async with inbox.store.write() as uow:
            assert await uow.connection.scalar(text(f"show {limit}")) == "10s"
            await uow.connection.execute(text(f"set local {limit} = '200ms'"))
            await leases.acquire(uow, first)
            held = await inbox.store.run(lambda uow: leases.acquire(uow, second))
            assert len(held.account_ids) == 2
            await uow.commit()

    with pytest.raises(StoreError):
        await be_stopped()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_who_holds_others_up_and_says_nothing_is_cut_off(inbox: Inbox) -> None:
    """A daemon that is cut off in a transaction keeps nobody waiting; others are left alone."""
    first = await inbox.store.run(lambda uow: leases.start(uow, Process("a", 1)))
    second = await inbox.store.run(lambda uow: leases.start(uow, Process("b", 1)))

    async def clear_the_way() -> int:
        async with inbox.store.read() as uow:
            return await leases.end_stalled(uow, 0.1)

    async def be_cut_off() -> None:
        async with inbox.store.write() as uow:
            await leases.acquire(uow, first)
            assert await clear_the_way() == 0
            async with way_cleared(inbox.store, 0.1), asyncio.timeout(10):
                taken = await inbox.store.run(lambda uow: leases.acquire(uow, second))
            assert len(taken.account_ids) == 2
            await uow.commit()

    with pytest.raises(StoreError):
        await be_cut_off()
