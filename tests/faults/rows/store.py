"""A store that cannot be used as it is: damaged, foreign, newer, half made, or its log grows
(rows 29, 31).
"""

import asyncio
import json
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pfinbox.errors import StoreError
from tests.faults.crashing import Moment
from tests.faults.patience import within
from tests.faults.row import Budget, probes, row
from tests.faults.world import World

_ONE = ("sqlite",)
_PAGE = 4096
# SQLite's log must stay below this, in bytes, whatever a screen reads meanwhile.
_LOG = 64 << 20


def _file(world: World) -> Path:
    assert world.store.path is not None
    return world.store.path


async def _halt(world: World) -> None:
    """No program has the store open."""
    await world.daemon.stop()
    await world.store.close()


async def _refuses(world: World, words: str) -> None:
    """The daemon ends by itself with one sentence, and takes nothing that clients write."""
    log = world.folder / "daemon.log"
    before = len(log.read_text().splitlines())
    async with world.fault():
        for account in world.sides.accounts:
            await world.says(account)
        daemon = await world.start()
        assert await daemon.ended() == 4
        said = log.read_text().splitlines()[before:]
        assert len(said) == 1, said
        assert words in said[0], said


@row("29", "a damaged page; the backup is put back", kinds=_ONE)
async def damaged(world: World, budget: Budget) -> None:
    backup = world.folder / "backup"
    code, said = await world.typed("backup", str(backup))
    assert code == 0, said
    await _halt(world)
    with _file(world).open("r+b") as file:
        size = file.seek(0, 2)
        for _number in range(3):
            file.seek(world.dice.randrange(2, size // _PAGE) * _PAGE)
            file.write(world.dice.randbytes(_PAGE))
    await _refuses(world, str(backup))
    # Whoever has the damaged file open would go on reading it.
    await world.store.close()
    code, said = await world.typed("restore", str(backup), "--force")
    assert code == 0, said
    code, said = await world.typed("outbox", "release")
    assert code == 0, said
    await world.start()
    await probes(world)


@row("29b", "another program's file, or none of a database", kinds=_ONE)
async def foreign(world: World, budget: Budget) -> None:
    """It is left as it is, byte for byte."""
    await _halt(world)
    path, kept = _file(world), world.folder / "kept"
    path.rename(kept)
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table song (title)")
        other.commit()
    whose = path.read_bytes()
    await _refuses(world, "another program's database")
    assert path.read_bytes() == whose
    noise = world.dice.randbytes(5 * _PAGE)
    path.write_bytes(noise)
    await _refuses(world, "not a database")
    assert path.read_bytes() == noise
    kept.rename(path)
    await world.start()
    await probes(world)


async def _stamp(world: World, schema: str) -> str:
    async with world.store.write() as uow:
        found = await uow.connection.scalar(text("select version_num from alembic_version"))
        await uow.connection.execute(
            text("update alembic_version set version_num = :schema"), {"schema": schema}
        )
        await uow.commit()
    return str(found)


@row("29c", "a newer schema")
async def newer(world: World, budget: Budget) -> None:
    await world.daemon.stop()
    ours = await _stamp(world, "9999")
    await _refuses(world, "upgrade pfinbox")
    await _stamp(world, ours)
    await world.start()
    await probes(world)


@row("29d", "kill -9 at the n-th statement while a new store is made")
async def half_made(world: World, budget: Budget) -> None:
    """The next daemon finds no store, or a whole one."""
    await _halt(world)
    put_back = _aside(world)
    count = world.folder / "counts"
    daemon = await world.start(counts=count)
    await _serves(world)
    await daemon.stop()
    await world.store.close()
    most = json.loads(count.read_text())["statement"]
    _empty(world)
    steps = budget.kills // 2
    for number in range(steps):
        n = 1 + number * most // steps + world.dice.randrange(max(1, most // steps))
        async with world.fault(seen=False):
            daemon = await world.start(Moment("statement", n))
            # In making it, or soon after.
            assert await daemon.ended() == -signal.SIGKILL
            daemon = await world.start()
            await _serves(world)
        await daemon.stop()
        code, said = await world.typed("db", "check")
        assert code == 0, said
        await world.store.close()
        _empty(world)
    put_back()
    await world.start()
    await probes(world)


async def _serves(world: World) -> None:
    """Wait until a daemon has made the store and serves it."""
    states: set[str] = set()
    async with within(60):
        while states != {"ok"}:
            await asyncio.sleep(0.1)
            # There is no store yet, or no table.
            with suppress(StoreError, DBAPIError):
                async with world.store.read() as uow:
                    found = await uow.connection.scalars(text("select state from account"))
                    states = set(found)


def _aside(world: World) -> Callable[[], None]:
    """The store of this world gives way to an empty place; returns what puts it back."""
    kept = world.folder / "kept"
    if world.kind == "postgresql":
        return _database_aside(world)
    kept.mkdir()
    for path in world.folder.glob("inbox.sqlite*"):
        path.rename(kept / path.name)

    def back() -> None:
        _empty(world)
        for path in kept.iterdir():
            path.rename(world.folder / path.name)

    return back


def _database_aside(world: World) -> Callable[[], None]:
    server, name = world.servers.postgres, world.folder.name
    assert server is not None
    server.sql(f"ALTER DATABASE {name} RENAME TO {name}_kept")
    server.sql(f"CREATE DATABASE {name} TEMPLATE template0")

    def back() -> None:
        server.sql(f"DROP DATABASE {name} WITH (FORCE)")
        server.sql(f"ALTER DATABASE {name}_kept RENAME TO {name}")

    return back


def _empty(world: World) -> None:
    """Nothing stands where the store is to be made."""
    if world.kind == "postgresql":
        server, name = world.servers.postgres, world.folder.name
        assert server is not None
        server.sql(f"DROP DATABASE {name} WITH (FORCE)")
        server.sql(f"CREATE DATABASE {name} TEMPLATE template0")
        return
    for path in world.folder.glob("inbox.sqlite*"):
        path.unlink()


@row("31", "SQLite's log stays small, whatever is written while a screen reads", kinds=_ONE)
async def log_size(world: World, budget: Budget) -> None:
    log, most = Path(f"{_file(world)}-wal"), 0
    page = text("update setting set value = :value where name = 'ballast'")
    async with world.store.write() as uow:
        await uow.connection.execute(
            text("insert into setting (name, value) values ('ballast', '0')")
        )
        await uow.commit()
    async with world.traffic(), world.fault():
        for number in range(10_000 if budget.long else 1_500):
            async with world.store.write() as uow:
                await uow.connection.execute(page, {"value": str(number) * 20_000})
                await uow.commit()
            most = max(most, log.stat().st_size)
    await probes(world)
    assert most < _LOG, f"{most >> 20} MB"
