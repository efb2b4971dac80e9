"""A disk that is full: while it receives and sends, is backed up, and begins (row 27); and one
that loses its power (row 32).

The disk is a small one in memory, which only root may mount; of PostgreSQL's the server speaks.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.faults.patience import within
from tests.faults.row import Budget, probes, row
from tests.faults.world import World

# Megabytes: SQLite's log has up to 16 of them.
_DISK = 48
_PIECE = 1 << 16
_ONE = ("sqlite",)
_FULL = "the disk is full"


def _ballast(world: World) -> Path:
    return world.folder / "ballast"


def _fill(world: World, left: int = 0) -> None:
    """Leave so many bytes free."""
    with suppress(OSError), _ballast(world).open("ab", buffering=0) as file:
        for size in (_PIECE, 4096, 1):
            with suppress(OSError):
                while file.write(b"x" * size) == size:
                    pass
    if left:
        with _ballast(world).open("ab") as file:
            file.truncate(max(0, file.tell() - left))


def _empty(world: World) -> None:
    _ballast(world).unlink(missing_ok=True)


@row("27", "disk full while receiving and sending", kinds=_ONE, disk=_DISK, tells=_FULL, unknown=1)
async def full(world: World, budget: Budget) -> None:
    """Now with nothing left, now with room for a message or two."""
    async with world.traffic():
        for number in range(max(2, budget.kills // 10)):
            await world.lasting(1)
            async with world.fault(ask_doctor=True):
                _fill(world, left=world.dice.randrange(400_000) if number % 2 else 0)
                await world.lasting(40 if budget.long else 6)
                _empty(world)
            await world.lasting(1)
    await probes(world)


@row("27b", "disk full while a backup is made", kinds=_ONE, disk=_DISK)
async def backing_up(world: World, budget: Budget) -> None:
    """It says so, and none of it is left that could be taken for a backup."""
    target = world.folder / "backup"
    async with world.traffic():
        async with world.fault():
            _fill(world, left=200_000)
            code, said = await world.typed("backup", str(target))
            _empty(world)
        assert code == 4, said
        assert "disk" in said or "space" in said, said
        assert not list(target.glob("*")), said
        code, said = await world.typed("backup", str(target))
        assert code == 0, said
    await probes(world)


@row("27c", "disk full when a store is to begin", kinds=_ONE, disk=_DISK)
async def beginning(world: World, budget: Budget) -> None:
    """The daemon ends with one sentence, and begins once there is room."""
    await world.daemon.stop()
    kept = world.folder / "kept"
    kept.mkdir()
    for path in world.folder.glob("inbox.sqlite*"):
        path.rename(kept / path.name)
    async with world.fault():
        _fill(world)
        daemon = await world.start()
        assert await daemon.ended() == 4
        assert _FULL in (world.folder / "daemon.log").read_text().splitlines()[-1]
        _empty(world)
        daemon = await world.start()
        await daemon.stop()
    for path in kept.iterdir():
        path.rename(world.folder / path.name)
    await world.start()
    await probes(world)


@row("32", "power fails: what was confirmed had been written through", kinds=_ONE)
async def power(world: World, budget: Budget) -> None:
    """Before an update is confirmed, and before a message leaves, the disk has what says so."""
    file = world.servers.folder / f"{world.folder.name}-syncs"
    api = world.sides.bot_api
    async with _traced(world.daemon.pid, file):
        for _number in range(budget.kills):
            async with world.fault():
                before = _syncs(file)
                await world.says("bot")
                async with within(20):
                    await api.until(lambda: not api.queue, 60)
                confirmed = _syncs(file)
                assert confirmed > before, "an update was confirmed that could still be lost"
                sent = len(api.sent)
                await world.caught_up()
                before = _syncs(file)
                await world.writes("bot")
                async with within(20):
                    await api.until(lambda: len(api.sent) > sent, 60)  # noqa: B023
                # The agent's own process has written the comment through, and is not traced.
                assert _syncs(file) > before, "a message left and nothing on the disk says so"
                await world.caught_up()
    await probes(world)


def _syncs(file: Path) -> int:
    """How often the daemon had what it wrote taken to the disk itself."""
    return len(re.findall(r"(?:fsync|fdatasync)\(", file.read_text()))


@asynccontextmanager
async def _traced(pid: int, file: Path) -> AsyncIterator[None]:
    """While within: what this process writes through stands in the file, as strace says it."""
    strace = await asyncio.create_subprocess_exec(
        *("strace", "-f", "-p", str(pid), "-e", "trace=fsync,fdatasync", "-o", str(file)),
        stderr=asyncio.subprocess.PIPE,
    )
    assert strace.stderr is not None
    said = await strace.stderr.readline()
    assert b"attached" in said, said
    try:
        yield
    finally:
        strace.terminate()
        await strace.wait()
