"""Copying a whole store between databases, row by row: PostgreSQL to SQLite and back.

The rows go through the tables' own column types, so that each database keeps them its own way.
"""

import hashlib
import json
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, bindparam, delete, func, insert, select, text
from sqlalchemy import update as sql_update

from pfinbox.store import tables as t
from pfinbox.store.async_core import AsyncConnection

_BATCH = 500
# Rows with files or whole mails in them.
_LARGE_BATCH = 10


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        name: int(await connection.scalar(select(func.count()).select_from(table)) or 0)
        for name, table in sorted(t.metadata.tables.items())
    }


async def digest(connection: AsyncConnection, table: Table) -> str:
    """What is in a table, the same on both databases: all of its values, in any order of rows.

    Each database sorts texts in its own way.
    """
    large = any(isinstance(column.type, LargeBinary) for column in table.columns)
    total = 0
    async for rows in connection.partitions(select(table), _LARGE_BATCH if large else _BATCH):
        for row in rows:
            plain = json.dumps(list(row), default=_plain, sort_keys=True)
            total += int.from_bytes(hashlib.sha256(plain.encode()).digest())
    return f"{total % 2**256:064x}"


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return str(value.isoformat())


async def copy_rows(source: AsyncConnection, target: AsyncConnection) -> None:
    """Replace everything in ``target`` by what ``source`` has, within their transactions.

    Both have this program's schema. Ids are kept, and those that once were used stay used.
    """
    tables = t.metadata.sorted_tables
    later = [(table, column) for table in tables for column in _links(table)]
    for table, column in later:
        # Rows that refer to each other could not go one by one.
        await target.execute(sql_update(table).values({column.name: None}))
    for table in reversed(tables):
        await target.execute(delete(table))
    for table in tables:
        await _copy(source, target, table)
    for table, column in later:
        await _link(source, target, table, column)
    if target.dialect.name == "sqlite":
        await target.execute(text("insert into search_fts(search_fts) values ('rebuild')"))
    await _next_ids(source, target)


def _links(table: Table) -> list[Column[Any]]:
    """Columns that refer to rows of the same table."""
    return [
        column
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]


async def _copy(source: AsyncConnection, target: AsyncConnection, table: Table) -> None:
    empty = {column.name: None for column in _links(table)}
    large = any(isinstance(column.type, LargeBinary) for column in table.columns)
    size = _LARGE_BATCH if large else _BATCH
    key = list(table.primary_key.columns)
    async for rows in source.partitions(select(table).order_by(*key), size):
        await target.execute(insert(table), [{**row._mapping, **empty} for row in rows])


async def _link(
    source: AsyncConnection, target: AsyncConnection, table: Table, column: Column[Any]
) -> None:
    rows = await source.execute(select(table.c.id, column).where(column.is_not(None)))
    values = [{"of": row[0], "to": row[1]} for row in rows]
    if values:
        statement = sql_update(table).where(table.c.id == bindparam("of"))
        await target.execute(statement.values({column.name: bindparam("to")}), values)


async def _next_ids(source: AsyncConnection, target: AsyncConnection) -> None:
    """A number that a purged row had is never given to another one."""
    for table in t.metadata.sorted_tables:
        if not table.dialect_options["sqlite"]["autoincrement"]:
            continue
        name = table.name
        if target.dialect.name == "sqlite":
            used = await _used(source, name)
            await target.execute(
                text("delete from sqlite_sequence where name = :name"), {"name": name}
            )
            await target.execute(
                text("insert into sqlite_sequence (name, seq) values (:name, :n)"),
                {"name": name, "n": used},
            )
        else:
            used = await _used(source, name)
            await target.execute(
                text("select setval(pg_get_serial_sequence(:name, 'id'), :n, :called)"),
                {"name": name, "n": max(used, 1), "called": used > 0},
            )


async def _used(connection: AsyncConnection, name: str) -> int:
    """The highest id that a table ever gave."""
    if connection.dialect.name == "sqlite":
        query = "select seq from sqlite_sequence where name = :name"
        return int(await connection.scalar(text(query), {"name": name}) or 0)
    sequence = await connection.scalar(
        text("select pg_get_serial_sequence(:name, 'id')"), {"name": name}
    )
    # The name is the server's own, quoted where it must be.
    row = (
        await connection.execute(text(f"select last_value, is_called from {sequence}"))  # noqa: S608
    ).one()
    return int(row.last_value) if row.is_called else 0
