"""The database and the line to it (row 26)."""

from tests.faults.proxy import Line, Trouble
from tests.faults.row import Budget, probes, row
from tests.faults.world import World

_POSTGRESQL = ("postgresql",)


def _line(world: World) -> Line:
    assert world.lines.database is not None
    return world.lines.database


@row("26", "every connection to PostgreSQL is cut", kinds=_POSTGRESQL, unknown=1)
async def cut(world: World, budget: Budget) -> None:
    async with world.traffic(every=0.25):
        for _number in range(budget.kills // 2):
            async with world.fault():
                _line(world).reset()
            await world.lasting(world.dice.uniform(0, 2))
    await probes(world)


@row("26b", "the daemon is cut off from PostgreSQL", kinds=_POSTGRESQL, tells="bot:", unknown=4)
async def cut_off(world: World, budget: Budget) -> None:
    """For longer than its lease lasts: whoever looks sees that its daemon gives no sign."""
    async with world.traffic():
        async with world.fault():
            _line(world).trouble = Trouble.HOLE
            await world.lasting(40)
            _line(world).trouble = Trouble.NONE
        await world.lasting(2)
    await probes(world)
