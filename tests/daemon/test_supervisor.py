"""Two daemons on one store: one serves, the other stands by and takes over."""

import asyncio

from pfinbox.daemon.supervisor import Daemon
from pfinbox.domain.envelope import Batch
from pfinbox.services import leases
from pfinbox.services.leases import Process
from pfinbox.store import queries
from tests.builders import Inbox, client
from tests.daemon.scripted import ScriptedChannel
from tests.daemon.test_receiver import said
from tests.daemon.test_sender import states


def a_daemon(inbox: Inbox, channel: ScriptedChannel) -> Daemon:
    names = {account_id: name for name, account_id in inbox.account_ids.items()}
    return Daemon(inbox.store, names, lambda _name: channel)


async def test_it_receives_and_sends_until_it_is_stopped(inbox: Inbox) -> None:
    channel = ScriptedChannel()
    daemon = a_daemon(inbox, channel)
    stop = asyncio.Event()
    running = asyncio.create_task(daemon.run(stop))
    await daemon.ready.wait()
    channel.batches.put_nowait(Batch(items=(said(inbox, 1),), cursor="1"))
    async with asyncio.timeout(20):
        await channel.came_back.wait()
    await inbox.comment(1, "Answer", to=[client(1)])
    async with asyncio.timeout(20):
        await channel.sending.wait()
    stop.set()
    await running
    assert channel.closed
    async with inbox.store.read() as uow:
        assert await queries.daemon(uow) is None
    # Drained: nothing is half done.
    assert await states(inbox) == ["sent"]


async def test_once_beside_a_living_daemon_says_who_holds_the_accounts(inbox: Inbox) -> None:
    here = leases.Process("elsewhere", "boot", 4711)
    other = await inbox.store.run(lambda uow: leases.start(uow, here))
    await inbox.store.run(lambda uow: leases.acquire(uow, other, lambda _p: None))
    reached, others = await a_daemon(inbox, ScriptedChannel()).run_once()
    assert not reached
    assert others["bot"] == here


async def test_once_takes_over_from_a_dead_process_of_this_machine(inbox: Inbox) -> None:
    from pfinbox.daemon.process import this_process

    me = this_process()
    process = await asyncio.create_subprocess_exec("true")
    await process.wait()
    dead = process.pid
    other = await inbox.store.run(lambda uow: leases.start(uow, Process(me.host, me.boot_id, dead)))
    await inbox.store.run(lambda uow: leases.acquire(uow, other, lambda _p: True))
    reached, others = await a_daemon(inbox, ScriptedChannel()).run_once()
    assert (reached, others) == (True, {})
