"""Two and three daemons on one store: halted and woken, killed, cut off, namesakes (row 25)."""

import asyncio
import signal

from tests.faults.crashing import Moment
from tests.faults.patience import within
from tests.faults.processes import Process
from tests.faults.proxy import Trouble
from tests.faults.row import Budget, probes, row
from tests.faults.world import World

# A daemon that says nothing for so long is taken for dead; it is halted for longer than that.
_SILENCE = 2.0
_HALTED = 4.0
# Where a comment on its way out passes: what comes before the stamp is sent by the next daemon.
_BEFORE = ("claimed", "to hand over", "stamp to write")
_AFTER = ("stamp written", "handed over", "mail taken", "message taken", "taken to write")


async def _together(world: World, count: int) -> list[Process]:
    """So many daemons beside each other, each quick to see that another one is silent."""
    world.silence = _SILENCE
    await world.daemon.stop()
    return [await world.start(machine=f"m{number}") for number in range(count)]


@row("25", "two daemons: the one that serves is killed, the other takes over", unknown=1)
async def killed(world: World, budget: Budget) -> None:
    daemons = await _together(world, 2)
    async with world.traffic():
        for number in range(max(2, budget.kills // 4)):
            await world.lasting(world.dice.uniform(0, 2))
            holders = await world.holders()
            async with world.fault():
                for daemon in [one for one in daemons if one.pid in holders]:
                    daemons.remove(daemon)
                    await daemon.kill()
                await world.served_by(*daemons)
            daemons.append(await world.start(machine=f"n{number}"))
    await probes(world)


@row("25b", "three daemons: one is halted past its lease, and wakes", unknown=1)
async def halted(world: World, budget: Budget) -> None:
    daemons = await _together(world, 3)
    async with world.traffic():
        for _number in range(max(2, budget.kills // 4)):
            await world.lasting(world.dice.uniform(0, 2))
            holders = await world.holders()
            async with world.fault():
                chosen = [one for one in daemons if one.pid in holders] or daemons[:1]
                for daemon in chosen:
                    daemon.signal(signal.SIGSTOP)
                await world.lasting(_HALTED)
                for daemon in chosen:
                    daemon.signal(signal.SIGCONT)
            await world.lasting(1)
    await probes(world)
    assert all(one.runs for one in daemons), "a daemon ended that was only halted"


@row("25c", "halted at each point on a comment's way out; another sends, it wakes", unknown=2)
async def halted_on_the_way(world: World, budget: Budget) -> None:
    """It must not send what the other one has sent; its late answer may say that it had.

    Halted in a transaction it holds SQLite's lock, and nobody goes on before it wakes.
    """
    world.silence = _SILENCE
    for place in (*_BEFORE, *_AFTER):
        await world.caught_up()
        await world.daemon.stop()
        stale = await world.start(Moment(place, 1, "stop"), machine="stale")
        await world.served_by(stale)
        async with world.fault():
            for account in world.sides.accounts:
                await world.writes(account)
            await stale.halted()
            other = await world.start(machine="other")
            if not await world.is_held():
                await world.served_by(other)
                await world.writes("support")
            await world.lasting(1)
            stale.signal(signal.SIGCONT)
        await world.lasting(1)
        await stale.stop()


@row("25d", "halted once a message is taken: its late answer turns unknown into sent")
async def late_answer(world: World, budget: Budget) -> None:
    world.silence = _SILENCE
    for account, place in (("support", "mail taken"), ("bot", "message taken")):
        await world.daemon.stop()
        stale = await world.start(Moment(place, 1, "stop"), machine="stale")
        await world.served_by(stale)
        async with world.fault():
            name = await world.writes(account)
            await world.start(machine="other")
            assert await world.final(name) == "unknown"
            stale.signal(signal.SIGCONT)
            async with within(10):
                # Another process does it.
                while await world.final(name) != "sent":  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        await stale.stop()
    await probes(world)


@row("25e", "the daemon that serves is cut off from PostgreSQL", kinds=("postgresql",), unknown=2)
async def cut_off(world: World, budget: Budget) -> None:
    """Only from it: what it has in hand goes on to mailbox and messenger."""
    assert world.lines.database is not None
    world.silence = _SILENCE
    await world.daemon.stop()
    far = await world.start(machine="far")
    await world.served_by(far)
    near = await world.start(machine="near", near=True)
    async with world.traffic():
        for _number in range(max(2, budget.kills // 8)):
            await world.lasting(1)
            async with world.fault():
                world.lines.database.trouble = Trouble.HOLE
                await world.served_by(near)
                await world.lasting(2)
                world.lines.database.trouble = Trouble.NONE
            await world.lasting(1)
            async with world.fault():
                await near.kill()
                await world.served_by(far)
            near = await world.start(machine="near", near=True)
    await probes(world)
    assert far.runs


@row("25f", "containers: each has one host name and the first pid", unknown=1)
async def namesakes(world: World, budget: Budget) -> None:
    """Two beside each other, and each that is started again has lost its folder of locks."""
    world.silence = _SILENCE
    await world.daemon.stop()
    daemons = [await world.start(machine=f"c{one}", namesake=True) for one in range(2)]
    async with world.traffic():
        for number in range(max(2, budget.kills // 4)):
            await world.lasting(world.dice.uniform(1, 3))
            async with world.fault():
                await daemons.pop(0).kill()
                daemons.append(await world.start(machine=f"d{number}", namesake=True))
            await world.lasting(_SILENCE)
    await probes(world)
