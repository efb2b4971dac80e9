"""A wall clock that jumps (row 33). Summer time is in tests/wording and tests/domain/text."""

from tests.faults.row import Budget, probes, row
from tests.faults.world import World

_HOUR, _DAY = 3600, 86400


@row("33", "the clock jumps by hours and days, there and back")
async def jumps(world: World, budget: Budget) -> None:
    """Nothing is sent again, nothing is given up; what waits goes when the clock is right."""
    world.clock = file = world.folder / "clock"

    def wrong_by(seconds: float) -> None:
        new = file.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(file)

    wrong_by(0)
    await world.daemon.stop()
    await world.start()
    async with world.traffic(every=0.25):
        for seconds in (_DAY, 0, _HOUR, -_HOUR, -_DAY, 2 * _DAY, 0):
            await world.lasting(world.dice.uniform(1, 3))
            async with world.fault():
                wrong_by(seconds)
        await world.lasting(3)
    await probes(world)
