"""Statements about several ids: put together once, with the ids as a parameter."""

from sqlalchemy import BindParameter, bindparam

from pfinbox.store.tables.base import BigInt

# How many ids one statement takes: far below the limits of SQLite and asyncpg.
BATCH = 500
# For ``column.in_(IDS)``; SQLAlchemy takes longer to put a statement together than SQLite to
# carry it out.
IDS: BindParameter[int] = bindparam("ids", expanding=True, type_=BigInt)
