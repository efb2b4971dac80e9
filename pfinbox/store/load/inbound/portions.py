"""Asking for many rows by name: a statement takes only so many parameters."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from sqlalchemy import Row
from sqlalchemy.sql.base import Executable

from pfinbox.store.uow import UnitOfWork

# Names in one statement: SQLite takes some 32,000 parameters, asyncpg as many.
_MOST = 5000


async def in_portions(
    uow: UnitOfWork, statement: Executable, name: str, values: Iterable[Any], **others: Any
) -> AsyncIterator[Row[Any]]:
    """The rows of a statement whose parameter ``name`` is a list of any length."""
    some = list(values)
    for start in range(0, len(some), _MOST):
        bound = {name: some[start : start + _MOST], **others}
        for row in await uow.connection.execute(statement, bound):
            yield row
