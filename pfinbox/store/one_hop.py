"""SQLite statements in one visit to the database's thread each, instead of four.

aiosqlite runs every call of a cursor (make, execute, fetch, close) as a message to its thread and
back; the message costs several times what a small statement does. Here one message does all four.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar, cast

from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
)
from sqlalchemy.util.concurrency import await_

T = TypeVar("T")


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that holds all rows after ``execute``; the real one is closed by then."""

    __slots__ = ("_count", "_described", "_row_id", "_size")

    def __init__(self, adapt_connection: AsyncAdapt_aiosqlite_connection) -> None:
        # Nothing of the parent's: it would make a real cursor now, in a visit of its own.
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows: deque[Any] = deque()
        self._described: Any = None
        self._count, self._row_id, self._size = -1, 0, 1

    @property
    def description(self) -> Any:
        return self._described

    @property
    def rowcount(self) -> int:
        return self._count

    @property
    def lastrowid(self) -> int:
        return self._row_id

    @property
    def arraysize(self) -> int:
        return self._size

    @arraysize.setter
    def arraysize(self, value: int) -> None:
        self._size = value

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        self._visit(lambda cursor: cursor.execute(operation, parameters or ()))

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        self._visit(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    def _visit(self, work: Callable[[Any], Any]) -> None:
        connection = cast(Any, self._connection)

        def visit() -> None:
            # In the database's thread; nobody reads this object before the visit is over.
            cursor = connection._conn.cursor()
            try:
                work(cursor)
                self._described = cursor.description
                self._rows = deque(cursor.fetchall() if cursor.description else ())
                self._count, self._row_id = cursor.rowcount, cursor.lastrowid
            finally:
                cursor.close()

        try:
            await_(self._alone(connection._execute(visit)))
        except Exception as error:
            self._adapt_connection._handle_exception(error)

    async def _alone(self, call: Any) -> None:
        async with self._adapt_connection._execute_mutex:
            await call


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """aiosqlite's connection with those cursors; it rolls back only what was begun."""

    __slots__ = ()

    _cursor_cls: Any = OneHopCursor

    def rollback(self) -> None:
        raw = cast(Any, self._connection)._connection
        if raw is not None and raw.in_transaction:
            super().rollback()
