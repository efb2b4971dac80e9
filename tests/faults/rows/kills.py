"""A daemon that is killed or ended at any moment of its work (rows 1, 2, 3, 42)."""

import random
import signal
from itertools import cycle, islice

from tests.faults.crashing import POINTS, Moment
from tests.faults.row import Budget, probes, row
from tests.faults.world import World

# On PostgreSQL the next daemon waits for the dead one's silence, which is 20 s by itself.
_SILENCE = 2.0
# More steps than a daemon makes in a few seconds of traffic.
STEPS = 4000
STATEMENTS = 800
# To these a daemon comes once, to the last of them only when it is told to end.
_ONCE = ("lease to begin", "lease begun", "lease to end")
_AT_ITS_END = _ONCE[-1]


async def _killed(world: World, moment: Moment, seconds: float) -> None:
    """A daemon that ends at this moment, and the next one."""
    async with world.fault():
        await world.daemon.stop()
        daemon = await world.start(moment)
        if moment.place == _AT_ITS_END:
            await world.served_by(daemon)
            daemon.signal(signal.SIGTERM)
        try:
            code = await daemon.ended(seconds)
        except TimeoutError:
            await daemon.kill()
            raise TimeoutError(f"{moment} was not reached") from None
        finally:
            await world.start()
        assert code == -signal.SIGKILL, f"{moment} was not reached: ended with {code}"


@row("0", "nothing breaks: what the machine itself costs", spared=("support", "bot"))
async def nothing(world: World, budget: Budget) -> None:
    async with world.traffic(), world.fault(ask_doctor=True):
        await world.lasting(budget.kills)


# Within the work of one account, or of one message: what breaks there breaks no other.
_PARTS = (
    "batch to store",
    "batch stored",
    "updates to confirm",
    "claimed",
    "to hand over",
    "stamp written",
    "handed over",
    "mail taken",
    "message taken",
    "taken to write",
    "taken written",
)


@row("36", "an error that nobody thought of, at each named point", unknown=1)
async def breaks(world: World, budget: Budget) -> None:
    """The part in which it happens tries again, or says that it does not know; the daemon lives."""
    world.silence = _SILENCE
    for place in _PARTS:
        await world.daemon.stop()
        daemon = await world.start(Moment(place, 2, "break", again=True))
        await world.served_by(daemon)
        async with world.traffic(every=0.25), world.fault():
            await world.lasting(3)
        assert daemon.runs, f"the daemon ended at {place!r} with {daemon.code.result()}"
    await world.daemon.stop()
    await world.start()
    await probes(world)


@row("1", "kill -9 at random moments", unknown=0.1, long=1000)
async def kills(world: World, budget: Budget) -> None:
    """Under normal load: a message about every second, and no backlog of the kill before."""
    world.silence = _SILENCE
    async with world.traffic(every=1.0):
        for _number in range(budget.kills):
            await world.caught_up()
            await world.lasting(world.dice.uniform(0, 2))
            async with world.fault():
                await world.daemon.kill()
                await world.start()
    await probes(world)


@row("2", "kill -9 at each named point", unknown=2, long=1000)
async def named_points(world: World, budget: Budget) -> None:
    world.silence = _SILENCE
    async with world.traffic(every=0.25):
        places = world.dice.sample(list(POINTS), len(POINTS))
        for place in islice(cycle(places), max(len(POINTS), budget.kills)):
            n = 1 if place in _ONCE else world.dice.randint(1, 3)
            await _killed(world, Moment(place, n), 20)
    await probes(world)


@row("42", "kill -9 at the n-th await", unknown=2, long=1000)
async def steps(world: World, budget: Budget) -> None:
    await every(world, budget, "step", STEPS)


@row("2b", "kill -9 at the n-th statement", unknown=2, long=1000)
async def statements(world: World, budget: Budget) -> None:
    await every(world, budget, "statement", STATEMENTS)


async def every(world: World, budget: Budget, place: str, most: int) -> None:
    """Kills at numbers of this place that are spread over all of them."""
    world.silence = _SILENCE
    async with world.traffic(every=0.25):
        for n in sorted(_spread(world.dice, budget.kills, most)):
            await _killed(world, Moment(place, n), 20)
    await probes(world)


def _spread(dice: random.Random, count: int, most: int) -> list[int]:
    """So many numbers up to ``most``, one out of each equal part."""
    width = most / count
    return [int(at * width + dice.uniform(0, width)) + 1 for at in range(count)]


@row("3", "SIGTERM at the n-th await", unknown=0.0, long=200)
async def ended(world: World, budget: Budget) -> None:
    """Each ends within its time, and by itself."""
    world.silence = _SILENCE
    async with world.traffic(every=0.25):
        for n in sorted(_spread(world.dice, budget.kills, STEPS)):
            async with world.fault():
                await world.daemon.stop()
                daemon = await world.start(Moment("step", n, "term"))
                # Before it listens to signals, it has nothing that it could lose.
                assert await daemon.ended(60) in (0, -signal.SIGTERM)
                await world.start()
    await probes(world)
