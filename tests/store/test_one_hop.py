"""The short way into SQLite's thread gives what the long one gives, and leaves no lock behind."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from pfinbox.store.engine import make_engine

WRITING = {"pfinbox_write": True}


async def _story(engine: Any) -> list[Any]:
    """What a caller sees of each sort of statement."""
    seen: list[Any] = []
    async with engine.connect() as connection:
        await connection.execution_options(**WRITING)
        for statement in (
            "create table t (id integer primary key, name text)",
            "insert into t (name) values ('a'), ('b')",
            "insert into t (name) values ('c') returning id, name",
            "select name from t where id > 5",
            "select id, name from t order by id",
            "update t set name = 'x' where id < 3",
            "delete from t where id = 1",
            "select count(*) from t",
        ):
            result = await connection.execute(text(statement))
            if result.returns_rows:
                seen.append((list(result.keys()), result.all()))
            else:
                seen.append((result.rowcount, result.lastrowid))
        for count in (3, 30):  # a few are written at once, many in the thread
            many = [{"name": str(n)} for n in range(count)]
            result = await connection.execute(text("insert into t (name) values (:name)"), many)
            seen.append(result.rowcount)
        for wrong in ("select nothing from t", "insert into t (id) values (3)"):
            with pytest.raises(DBAPIError) as error:
                await connection.execute(text(wrong))
            seen.append((type(error.value), str(error.value.orig)))
        await connection.commit()
        rows = await connection.execute(text("select name from t order by id"))
        seen.append([rows.fetchone(), rows.fetchmany(2), rows.fetchall()])
    await engine.dispose()
    return seen


async def test_it_gives_what_the_long_way_gives(tmp_path: Path) -> None:
    plain = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'plain'}")
    short = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'short'}")
    assert await _story(short) == await _story(plain)


@pytest.mark.parametrize("moment", range(4))
async def test_a_cancelled_writer_leaves_no_lock(tmp_path: Path, moment: int) -> None:
    """Cancelled while it waits for the lock, or just after it has it."""
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'store'}")

    async def write(started: asyncio.Event | None = None) -> None:
        async with engine.connect() as connection:
            await connection.execution_options(**WRITING)
            if started is not None:
                started.set()
            await connection.execute(text("create table if not exists t (id integer)"))
            await connection.execute(text("insert into t values (1)"))
            await connection.commit()

    await write()
    started = asyncio.Event()
    writer = asyncio.create_task(write(started))
    await started.wait()
    for _round in range(moment):
        await asyncio.sleep(0)
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    async with asyncio.timeout(20):
        await write()
    await engine.dispose()


async def test_a_reader_waits_for_no_writer(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'store'}")
    async with engine.connect() as writer, engine.connect() as reader:
        await writer.execution_options(**WRITING)
        await writer.execute(text("create table t (id integer)"))
        await writer.commit()
        await writer.execute(text("insert into t values (1)"))
        count = text("select count(*) from t")
        assert await writer.scalar(count) == 1
        assert await reader.scalar(count) == 0
        await writer.rollback()
        assert await writer.scalar(count) == 0
    await engine.dispose()
