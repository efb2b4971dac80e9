"""The database, and the line to it (rows 26, 28, 30)."""

import asyncio
import os
import signal
import sqlite3

from tests.faults.proxy import Line, Trouble
from tests.faults.row import Budget, probes, row
from tests.faults.world import World

_SQLITE = ("sqlite",)
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


@row("28", "another program holds SQLite's write lock", kinds=_SQLITE, tells="screen:", unknown=1)
async def locked(world: World, budget: Budget) -> None:
    """For longer than a writer waits; what was given meanwhile is confirmed to nobody."""
    async with world.traffic():
        for _number in range(max(1, budget.kills // 20)):
            path = world.folder / "inbox.sqlite"
            other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            async with world.fault():
                await asyncio.to_thread(_begin, other)
                await world.lasting(40 if budget.long else 15)
                other.close()
            await world.lasting(3)
    await probes(world)


def _begin(other: sqlite3.Connection) -> None:
    other.execute("PRAGMA busy_timeout = 20000")
    other.execute("BEGIN IMMEDIATE")


@row("30", "PostgreSQL crashes and recovers", kinds=_POSTGRESQL, unknown=1)
async def crashed(world: World, budget: Budget) -> None:
    """A backend that is killed takes all of them down with it, as an immediate restart does."""
    async with world.traffic(every=0.25):
        for _number in range(max(2, budget.kills // 4)):
            await world.lasting(world.dice.uniform(1, 3))
            async with world.fault():
                async with world.store.read() as uow:
                    found = await uow.connection.exec_driver_sql("SELECT pg_backend_pid()")
                    pid = int(found.scalar_one())
                os.kill(pid, signal.SIGKILL)
                await world.lasting(1)
    await probes(world)
