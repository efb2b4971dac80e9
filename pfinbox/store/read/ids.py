"""Statements about several ids: put together once, with the ids as a parameter."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam

from pfinbox.store.tables.base import BigInt
from pfinbox.store.uow import UnitOfWork

# How many ids one statement takes: far below the limits of SQLite and asyncpg.
BATCH = 500
# For ``column.in_(IDS)``; SQLAlchemy takes longer to put a statement together than SQLite to
# carry it out.
IDS: BindParameter[int] = bindparam("ids", expanding=True, type_=BigInt)


async def rows_of(
    uow: UnitOfWork, statement: Select[Any], ids: Sequence[int], **more: Any
) -> Sequence[Row[Any]]:
    """The rows of these ids; nothing is asked about none."""
    if not ids:
        return ()
    rows: Sequence[Row[Any]] = (await uow.connection.execute(statement, {"ids": ids, **more})).all()
    return rows
