"""The Bot API and the line to it (rows 15 to 19, 23)."""

from tests.faults.crashing import Moment
from tests.faults.proxy import Trouble
from tests.faults.row import Budget, probes, row, spell, troubled
from tests.faults.world import World
from tests.servers.bot_api import TOKEN, Fault

_SPARED = ("support",)


@row("15", "Bot API answers 409, 429, 502, cut short, resets: polls and sends", spared=_SPARED)
async def answers(world: World, budget: Budget) -> None:
    api = world.sides.bot_api
    wait = {"retry_after": 2}
    async with world.traffic():
        for _round in range(max(1, budget.kills // 20)):
            for method in ("getUpdates", "sendMessage"):
                async with world.fault():
                    api.fail(method, 429, "Too Many Requests: retry after 2", **wait)
                    api.fail(method, 409, "Conflict: terminated by other getUpdates request")
                    if method == "getUpdates":
                        # Of a message it would not be known whether it was taken.
                        page = "<html>502 Bad Gateway</html>"
                        api.fault(method, Fault(502, page), Fault(200, '{"ok":true,"result":[{"up'))
                        api.fault(method, Fault(applied=True), Fault())
                    await world.says("bot")
                    await world.writes("bot")
                    await world.lasting(4)
                    api.heal()
    await probes(world)


@row("15b", "Bot API refused", tells="cannot be reached", unknown=40, spared=_SPARED)
async def refused(world: World, budget: Budget) -> None:
    """By a reset after the connection was taken: a request may have left until then."""
    await troubled(world, budget, world.lines.bot, Trouble.REFUSED)


@row("15c", "Bot API black hole", tells="bot:", unknown=4, spared=_SPARED)
async def hole(world: World, budget: Budget) -> None:
    await troubled(world, budget, world.lines.bot, Trouble.HOLE)


@row("15d", "Bot API half-open: the other end has forgotten the connection", spared=_SPARED)
async def half_open(world: World, budget: Budget) -> None:
    async with world.fault():
        world.lines.bot.half_open()
    await world.says("bot")


@row(
    "15e",
    "Bot API garbage: every answer is lost",
    unknown=40,
    tells="bot: retrying",
    spared=_SPARED,
)
async def garbage(world: World, budget: Budget) -> None:
    await troubled(world, budget, world.lines.bot, Trouble.GARBAGE)


@row("15f", "Bot API byte by byte", tells="bot:", unknown=4, spared=_SPARED)
async def trickle(world: World, budget: Budget) -> None:
    await troubled(world, budget, world.lines.bot, Trouble.SLOW)


@row("15g", "Bot API resets in the middle", unknown=0.5, spared=_SPARED)
async def resets(world: World, budget: Budget) -> None:
    async with world.traffic():
        for _number in range(budget.kills // 2):
            async with world.fault():
                world.lines.bot.reset()
            await world.lasting(world.dice.uniform(0.5, 2))
    await probes(world)


@row("11b", "the bot's token was revoked", tells="bot: failed", recovery=310, spared=_SPARED)
async def token(world: World, budget: Budget) -> None:
    def begin() -> None:
        world.sides.bot_api.token = "another"

    def end() -> None:
        world.sides.bot_api.token = TOKEN

    await spell(world, begin, end, budget.seconds)


@row("16", "an update that cannot be understood among a hundred", spared=_SPARED)
async def odd(world: World, budget: Budget) -> None:
    async with world.fault():
        for number in range(100):
            await world.says("bot")
            if number == 50:
                world.sides.bot_api.push(
                    message={"message_id": [], "chat": {"id": {}}, "date": "?"}
                )


@row("17", "every third commit fails", spared=())
async def commits(world: World, budget: Budget) -> None:
    await world.daemon.stop()
    await world.start(Moment("to commit", 3, "fail", again=True))
    async with world.traffic():
        async with world.fault():
            await world.lasting(budget.seconds)
        await world.daemon.stop()
        await world.start()
    await probes(world)


@row("17b", "statements fail at random", spared=())
async def statements(world: World, budget: Budget) -> None:
    await world.daemon.stop()
    await world.start(Moment("statement", 29, "fail", again=True))
    async with world.traffic():
        async with world.fault():
            await world.lasting(budget.seconds)
        await world.daemon.stop()
        await world.start()
    await probes(world)


@row("18", "the numbers of updates begin lower", spared=_SPARED)
async def renumbered(world: World, budget: Budget) -> None:
    async with world.traffic(every=0.2):
        for number in range(max(2, budget.kills // 10)):
            await world.lasting(1)
            async with world.fault():
                await world.caught_up()
                world.sides.bot_api.restart_ids(1000 - 100 * number)
    await probes(world)


@row("19", "every update comes again and again", spared=_SPARED)
async def repeated(world: World, budget: Budget) -> None:
    for _number in range(max(1, budget.kills // 4)):
        async with world.fault():
            await world.says("bot")
            update = dict(world.sides.bot_api.queue[-1])
            await world.caught_up()
            for _again in range(3):
                world.sides.bot_api.push(message=update["message"])
            await world.lasting(0.1)
    await probes(world)


@row("23", "the Bot API takes a message and its answer is lost", unknown=1, spared=_SPARED)
async def answer_lost(world: World, budget: Budget) -> None:
    for fault in (Fault(applied=True), Fault(502, "<html>502</html>", applied=True)):
        async with world.fault():
            world.sides.bot_api.fault("sendMessage", fault)
            assert await world.final(await world.writes("bot")) == "unknown"
    await probes(world)
