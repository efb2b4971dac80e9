"""The web door and its webhooks: what a service pushes, under all that breaks (R12, R24)."""

import signal

from tests.faults.crashing import Moment
from tests.faults.proxy import Line, Trouble
from tests.faults.row import Budget, probes, row, troubled
from tests.faults.rows.kills import STATEMENTS, STEPS, every
from tests.faults.world import World

_SPARED = ("bot", "support")


def _door(world: World) -> Line:
    assert world.lines.door is not None
    return world.lines.door


def _shop(world: World) -> Line:
    assert world.lines.shop is not None
    return world.lines.shop


@row("w1", "kill -9 while a service pushes", unknown=0.3, door=True, long=200)
async def kills(world: World, budget: Budget) -> None:
    world.silence = 2.0
    async with world.traffic(every=0.3):
        for _number in range(budget.kills):
            await world.lasting(world.dice.uniform(0, 2))
            async with world.fault():
                await world.daemon.kill()
                await world.start()
    await probes(world)


@row("w2", "every third commit fails while a service pushes", door=True)
async def commits(world: World, budget: Budget) -> None:
    await world.daemon.stop()
    await world.start(Moment("to commit", 3, "fail", again=True))
    async with world.traffic(every=0.3):
        async with world.fault():
            await world.lasting(budget.seconds)
        await world.daemon.stop()
        await world.start()
    await probes(world)


@row("w3", "the door's line resets, stands, trickles", door=True, spared=_SPARED)
async def line(world: World, budget: Budget) -> None:
    async with world.traffic(every=0.3):
        for _number in range(budget.kills // 4):
            async with world.fault():
                _door(world).reset()
            await world.lasting(0.5)
            async with world.fault():
                # Of the answer.
                _door(world).cut_after(world.dice.randrange(200))
            await world.lasting(0.5)
    await troubled(world, budget, _door(world), Trouble.HOLE)
    await troubled(world, budget, _door(world), Trouble.SLOW)


@row(
    "w4",
    "the shop refuses connections",
    tells="shop: retrying",
    unknown=4,
    door=True,
    spared=_SPARED,
)
async def refused(world: World, budget: Budget) -> None:
    await troubled(world, budget, _shop(world), Trouble.REFUSED)


@row("w5", "the shop stands still", tells="shop:", unknown=9, door=True, spared=_SPARED)
async def hole(world: World, budget: Budget) -> None:
    await troubled(world, budget, _shop(world), Trouble.HOLE)


@row(
    "w6",
    "the shop says 429, 503, 500, and takes without an answer",
    unknown=2,
    door=True,
    spared=_SPARED,
)
async def answers(world: World, budget: Budget) -> None:
    assert world.sides.shop is not None
    for status in (429, 503, 500, 0):
        async with world.fault():
            world.sides.shop.answers.append(status)
            name = await world.writes("shop")
            for account in _SPARED:
                await world.says(account)
                await world.writes(account)
            await world.final(name)
    await probes(world)


@row("w7", "SIGTERM while a service pushes", door=True)
async def ended(world: World, budget: Budget) -> None:
    async with world.traffic(every=0.2):
        for _number in range(max(2, budget.kills // 8)):
            await world.lasting(world.dice.uniform(0, 2))
            async with world.fault():
                # Before it listens to signals, it has nothing that it could lose.
                assert await world.daemon.stop() in (0, -signal.SIGTERM)
                await world.start()
    await probes(world)


@row("w8", "kill -9 at the n-th await while a service pushes", unknown=3, door=True, long=200)
async def steps(world: World, budget: Budget) -> None:
    await every(world, budget, "step", STEPS)


@row("w9", "kill -9 at the n-th statement while a service pushes", unknown=3, door=True, long=200)
async def statements(world: World, budget: Budget) -> None:
    await every(world, budget, "statement", STATEMENTS)
