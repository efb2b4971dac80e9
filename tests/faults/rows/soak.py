"""Months of small troubles in minutes: memory, files and the log of SQLite stay flat (row 34)."""

import os
import re
from pathlib import Path

from tests.faults.row import Budget, probes, row
from tests.faults.world import World

_MEGABYTE = 1_000_000


def _held(world: World) -> tuple[int, int, int]:
    """Memory in use, open files, and the size of SQLite's log, of the daemon as it is now."""
    process = Path(f"/proc/{world.daemon.pid}")
    found = re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text())
    assert found is not None
    log = world.folder / "inbox.sqlite-wal"
    size = log.stat().st_size if log.exists() else 0
    return int(found[1]) * 1000, len(os.listdir(process / "fd")), size


@row("34", "reconnects by the hundred: memory, files and log stay flat", unknown=0.5)
async def soak(world: World, budget: Budget) -> None:
    lines = [world.lines.imap, world.lines.smtp, world.lines.bot]

    async def some(count: int) -> None:
        async with world.traffic(every=0.1):
            for _number in range(count):
                async with world.fault():
                    world.dice.choice(lines).reset()
                await world.lasting(world.dice.uniform(0, 0.4))
        await world.caught_up()

    # What is kept for the next time is there after a while.
    await some(budget.kills)
    memory, files, _log = _held(world)
    await some(budget.kills * 4)
    await probes(world)
    await world.caught_up()
    now = _held(world)
    assert now[0] - memory < 20 * _MEGABYTE, f"{(now[0] - memory) // _MEGABYTE} MB more"
    assert now[1] <= files + 8, f"{now[1] - files} files more"
    assert now[2] < 64 * _MEGABYTE, f"a log of {now[2] // _MEGABYTE} MB"
