"""The statements that a unit of work makes of rows; each is put together once.

For SQLAlchemy that takes as long as for SQLite to carry it out.
"""

from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, column, func, insert, select, update
from sqlalchemy import table as named_table
from sqlalchemy.dialects import sqlite

# SQLite: the highest id that a table ever had (sqlite_autoincrement).
_SEQUENCE = named_table("sqlite_sequence", column("name"), column("seq"))


@cache
def adding(table: Table) -> Any:
    return insert(table).returning(table.c.id)


@cache
def changing(table: Table) -> Any:
    return update(table).where(table.c.id == bindparam("row_id"))


@cache
def adding_root(table: Table, sqlite: bool) -> Any:
    # The id that the row gets. SQLite's writer is alone from BEGIN on; PostgreSQL makes the values
    # of a row in the order of its columns, and the id is the first.
    own = (
        select(func.coalesce(func.max(_SEQUENCE.c.seq), 0) + 1)
        .where(_SEQUENCE.c.name == table.name)
        .scalar_subquery()
        if sqlite
        else func.currval(func.pg_get_serial_sequence(table.name, "id"))
    )
    return insert(table).values(root_id=own).returning(table.c.id)


def inserting(table: Table, is_sqlite: bool) -> Any:
    """An INSERT that may say what to do about a row that is there (``on_conflict_do_...``)."""
    if is_sqlite:
        return sqlite.insert(table)
    # Whoever has an SQLite store does not wait for this.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


@cache
def adding_missing(table: Table, is_sqlite: bool) -> Any:
    return inserting(table, is_sqlite).on_conflict_do_nothing()


@cache
def putting(table: Table, keys: tuple[str, ...], names: tuple[str, ...], is_sqlite: bool) -> Any:
    statement = inserting(table, is_sqlite)
    new = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=new)
