"""Copies a store that ``large_store`` made to PostgreSQL: ``fill(url, path)``.

With COPY, without indexes until everything is there: a million tasks take about ten minutes.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Table, func, select, text

from pfinbox.store import schema
from pfinbox.store import tables as t
from pfinbox.store.tables.base import Json, Utc
from pfinbox.store.uow import Store, UnitOfWork

_ROWS = 20_000
# What no constraint made.
_INDEXES = text(
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
)


async def fill(url: str, path: Path) -> None:
    """Copy the SQLite store at ``path`` into the empty database at ``url``."""
    # An index takes minutes.
    store = Store(url, answer_seconds=3600)
    await schema.create_missing(store)
    source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    async with store.write() as uow:
        await uow.connection.execute(text("SET session_replication_role = replica"))
        indexes = (await uow.connection.execute(_INDEXES)).all()
        for index in indexes:
            await uow.connection.execute(text(f'DROP INDEX "{index.indexname}"'))
        for table in t.metadata.sorted_tables:
            await uow.connection.execute(table.delete())
            for rows in _read(source, table):
                await _copy(uow, table, rows)
            if table.dialect_options["sqlite"]["autoincrement"]:
                serial = f"pg_get_serial_sequence('{table.name}', 'id')"
                highest = func.coalesce(select(func.max(table.c.id)).scalar_subquery(), 1)
                await uow.connection.execute(select(func.setval(text(serial), highest)))
        for index in indexes:
            await uow.connection.execute(text(index.indexdef))
        await uow.connection.execute(text("ANALYZE"))
        await uow.commit()
    await store.close()


def _read(source: sqlite3.Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    readers = [_reader(column) for column in table.columns]
    found = source.execute(f'SELECT {names} FROM "{table.name}"')
    while rows := found.fetchmany(_ROWS):
        yield [
            tuple(v if v is None else r(v) for r, v in zip(readers, row, strict=True))
            for row in rows
        ]


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, Boolean):
        return bool
    if isinstance(column.type, Utc):
        return lambda value: datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(column.type, Json):
        return lambda value: value if isinstance(value, str) else json.dumps(value)
    return lambda value: value


async def _copy(uow: UnitOfWork, table: Table, rows: list[tuple[Any, ...]]) -> None:
    asyncpg: Any = await uow.connection.run_sync(lambda c: c.connection.driver_connection)
    names = [column.name for column in table.columns]
    await asyncpg.copy_records_to_table(table.name, records=rows, columns=names)
