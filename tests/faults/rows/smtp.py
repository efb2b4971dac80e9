"""The relay for outgoing mail and the line to it (rows 20, 21, 22, 24)."""

from tests.faults.proxy import Trouble
from tests.faults.row import Budget, probes, row, spell, troubled
from tests.faults.world import World
from tests.servers.dovecot import PASSWORD

_SPARED = ("bot",)


@row("20", "SMTP goes away at each verb before the dot", spared=_SPARED)
async def dropped(world: World, budget: Budget) -> None:
    async with world.traffic():
        for verb in ("connect", "ehlo", "mail", "rcpt", "data"):
            async with world.fault():
                world.sides.smtp.drop(verb)
                world.sides.smtp.hang_up()
                await world.writes("support")
                await world.lasting(1.5)
                world.sides.smtp.heal()
    await probes(world)


@row("20g", "SMTP goes away in the body: a far line has taken it all", unknown=8, spared=_SPARED)
async def body(world: World, budget: Budget) -> None:
    async with world.traffic(), world.fault():
        world.sides.smtp.drop("body")
        await world.lasting(3)
        world.sides.smtp.heal()
    await probes(world)


@row("20b", "SMTP refused", tells="support: retrying", spared=_SPARED)
async def refused(world: World, budget: Budget) -> None:
    await troubled(world, budget, world.lines.smtp, Trouble.REFUSED)


@row("20c", "SMTP black hole", tells="support:", unknown=4, spared=_SPARED)
async def hole(world: World, budget: Budget) -> None:
    """What was handed over when it began is unknown, once the server has been given its time."""
    await troubled(world, budget, world.lines.smtp, Trouble.HOLE)


@row("20d", "SMTP half-open: the other end has forgotten the connection", spared=_SPARED)
async def half_open(world: World, budget: Budget) -> None:
    await world.writes("support")
    await world.caught_up()
    async with world.fault():
        world.lines.smtp.half_open()
    await probes(world)


@row("20e", "SMTP garbage", unknown=4, spared=_SPARED)
async def garbage(world: World, budget: Budget) -> None:
    await troubled(world, budget, world.lines.smtp, Trouble.GARBAGE)


@row("20f", "SMTP byte by byte", tells="support:", spared=_SPARED)
async def trickle(world: World, budget: Budget) -> None:
    await troubled(world, budget, world.lines.smtp, Trouble.SLOW)


@row("21", "SMTP says 4xx at each verb", spared=_SPARED)
async def later(world: World, budget: Budget) -> None:
    async with world.traffic():
        for verb in ("ehlo", "mail", "rcpt", "data", "dot"):
            async with world.fault():
                world.sides.smtp.fail(verb, "451 4.3.0 later")
                await world.writes("support")
                await world.lasting(1.5)
                world.sides.smtp.heal()
    await probes(world)


@row("21b", "SMTP says 5xx at each verb: failed, and said", failed=1, spared=_SPARED)
async def never(world: World, budget: Budget) -> None:
    for verb in ("mail", "rcpt", "data", "dot"):
        async with world.fault():
            world.sides.smtp.fail(verb, "550 5.7.1 no")
            name = await world.writes("support")
            assert await world.final(name) == "failed"
            _state, why, _at = (await world.ledger.shown(world.store)).delivered[name]
            assert why is not None
            assert "5.7.1 no" in why.sentence()
            world.sides.smtp.heal()
    await probes(world)


@row("21c", "SMTP refuses the password", tells="support: failed", recovery=310, spared=_SPARED)
async def password(world: World, budget: Budget) -> None:
    def begin() -> None:
        world.sides.smtp.password = "another"
        world.sides.smtp.hang_up()

    def end() -> None:
        world.sides.smtp.password = PASSWORD

    await spell(world, begin, end, budget.seconds)


@row("22", "SMTP takes the mail and goes away: the answer is lost", unknown=1, spared=_SPARED)
async def answer_lost(world: World, budget: Budget) -> None:
    for _number in range(max(1, budget.kills // 10)):
        async with world.fault():
            world.sides.smtp.drop("dot")
            name = await world.writes("support")
            assert await world.final(name) == "unknown"
            world.sides.smtp.heal()
    await probes(world)
