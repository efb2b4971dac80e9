"""What waits after hours without a daemon or a relay (row 24)."""

import asyncio
import time

from tests.faults.patience import within
from tests.faults.proxy import Trouble
from tests.faults.row import Budget, row
from tests.faults.world import World

# Seconds in which a new comment leaves though thousands of messages wait to be stored.
_PROMPT = 15.0
# Seconds after which the relay is tried again at the latest, and the mail that tries it has gone.
_TRIED = 30.0


@row("b1", "10,000 messages wait after a downtime", recovery=600)
async def downtime(world: World, budget: Budget) -> None:
    """A tenth of them in a short run. An agent's comment does not wait behind them."""
    count = 5000 if budget.long else 500
    await world.daemon.stop()
    async with world.fault():
        mails = await world.given("support", count)
        await asyncio.to_thread(world.sides.mailbox.deliver, *mails)
        await world.given("bot", count)
        await world.start()
    await world.lasting(5)
    began = time.monotonic()
    for account in ("support", "bot"):
        await world.final(await world.writes(account))
    took = time.monotonic() - began
    assert took < _PROMPT, f"a comment took {took:.0f} s"


@row(
    "24",
    "the relay is away while a thousand mails wait",
    tells="support: retrying",
    # Mails of one client go one after the other, and here all of them are to three.
    recovery=300,
    spared=("bot",),
)
async def relay(world: World, budget: Budget) -> None:
    count = 1000 if budget.long else 100

    async with world.fault(ask_doctor=True):
        world.lines.smtp.trouble = Trouble.REFUSED
        for number in range(count):
            await world.writes("support")
            if number % 20 == 0:
                await world.says("bot")
                await world.writes("bot")
        opened = world.lines.smtp.opened
        await world.lasting(40 if budget.long else 8)
        knocked = world.lines.smtp.opened - opened
        world.lines.smtp.trouble = Trouble.NONE
    async with within(_TRIED):
        while not world.sides.smtp.taken:
            await world.lasting(0.1)
    # One message alone tries it, however many wait.
    assert knocked <= 12, f"the relay was knocked at {knocked} times"
