"""Two daemons on one store: one serves, the other stands by and takes over."""

import asyncio

import pytest

from pfinbox.daemon.leases import OwnLease, Rhythm, Watch
from pfinbox.daemon.locks import lock_path
from pfinbox.daemon.process import this_process
from pfinbox.daemon.supervisor import Daemon
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.leasing import Process
from pfinbox.services.system import leases
from pfinbox.store import read
from tests.builders import Clock, Inbox, client
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
        assert await read.daemon(uow) is None
    # Drained: nothing is half done.
    assert await states(inbox) == ["sent"]


async def test_once_beside_a_living_daemon_says_who_holds_the_accounts(inbox: Inbox) -> None:
    """It lives, as its heart beats; that it is nowhere to be found proves nothing."""
    there = Process("elsewhere", 4711)
    other = await inbox.store.run(lambda uow: leases.start(uow, there))
    await inbox.store.run(lambda uow: leases.acquire(uow, other))

    async def beat() -> None:
        while True:
            await inbox.store.run(lambda uow: leases.acquire(uow, other))
            await asyncio.sleep(0.02)

    beating = asyncio.create_task(beat())
    daemon = a_daemon(inbox, ScriptedChannel())
    daemon.rhythm = Rhythm(heartbeat=0.02, silence=60, look=0.02)
    reached, others = await daemon.run_once()
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    assert not reached
    assert others["bot"] == there


@pytest.mark.parametrize("process", [this_process(), Process(this_process().host, 1)])
async def test_once_takes_over_a_silent_daemon_whose_pid_lives_again(
    inbox: Inbox, process: Process
) -> None:
    """A restarted container's pid 1, and a number that another process got."""
    other = await inbox.store.run(lambda uow: leases.start(uow, process))
    await inbox.store.run(lambda uow: leases.acquire(uow, other))
    daemon = a_daemon(inbox, ScriptedChannel())
    daemon.rhythm = Rhythm(heartbeat=10, silence=1.0, look=0.02)
    assert await daemon.run_once() == (True, {})


async def test_once_takes_over_at_once_where_the_lock_of_a_dead_process_is_free(
    inbox: Inbox,
) -> None:
    own = OwnLease(inbox.store, Rhythm(), inbox.account_ids.values())
    await own.begin()
    await own.renew()
    # What the kernel does for a process that ends without a word.
    own._unlock(released=False)
    daemon = a_daemon(inbox, ScriptedChannel())
    daemon.rhythm = Rhythm(silence=3600.0 if inbox.store.sqlite else 1.0, look=0.02)
    assert await daemon.run_once() == (True, {})
    assert not list(lock_path("x").parent.glob("*.lock"))


def test_who_could_not_look_has_seen_no_silence() -> None:
    """Stopped together, or both without a database: nobody takes the other one for dead."""
    clock = Clock()
    watch = Watch(
        Rhythm(silence=20), locked=lambda _instance: True, clock=lambda: clock.now.timestamp()
    )

    def silent(heartbeat: int, after: float) -> bool:
        clock.advance(seconds=after)
        watch.begin()
        return watch.silent("other", heartbeat)

    assert [silent(7, after) for after in (0, 9, 9, 1, 1)] == [False] * 4 + [True]
    assert [silent(8, after) for after in (1, 40, 1, 9, 9, 1)] == [False] * 5 + [True]
