"""SQLite statements in at most one visit to the database's thread each, instead of four.

aiosqlite runs every call of a cursor (make, execute, fetch, close) as a message to its thread and
back; the message costs several times what a small statement does. Here one message does all four.
Inside a transaction that writes there is none at all: such statements are small, find their pages
in memory and wait for nobody, since the write lock is already held. What may wait (the lock itself,
the disk at a commit) stays in the thread, and so do the many rows of a batch: SQLite indexes their
words without the interpreter, which goes on with the mails that come next.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
)
from sqlalchemy.util.concurrency import await_

# Seconds in which nothing else of the process is done.
_SHARE = 0.01
# Rows of one statement that are written at once.
_FEW = 10


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that holds all rows after ``execute``; the real one is closed by then."""

    __slots__ = ("_count", "_described", "_row_id", "_size")

    _adapt_connection: "OneHopConnection"

    def __init__(self, adapt_connection: "OneHopConnection") -> None:
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
        self._run(lambda cursor: cursor.execute(operation, parameters or ()))

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        few = len(seq_of_parameters) <= _FEW
        self._run(lambda cursor: cursor.executemany(operation, seq_of_parameters), few=few)

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    def _run(self, work: Callable[[Any], Any], *, few: bool = True) -> None:
        def all_at_once() -> None:
            # Nobody reads this object before it is over.
            cursor = cast(Any, self._connection)._conn.cursor()
            try:
                work(cursor)
                self._described = cursor.description
                self._rows = deque(cursor.fetchall() if cursor.description else ())
                self._count, self._row_id = cursor.rowcount, cursor.lastrowid
            finally:
                cursor.close()

        try:
            await_(self._adapt_connection.carry_out(all_at_once, few=few))
        except Exception as error:
            self._adapt_connection._handle_exception(error)


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """aiosqlite's connection with those cursors; it rolls back only what was begun.

    ``writes``: a transaction that holds the write lock is open.
    """

    __slots__ = ("seen", "visits", "writes")

    _cursor_cls: Any = OneHopCursor

    def _terminate_handled_exceptions(self) -> tuple[type[BaseException], ...]:
        # Whoever waits for the close is cancelled, the close itself goes on. Stopping its thread
        # then, as the parent does, would leave the close waiting for ever.
        return (OSError,)

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.writes = False
        # When something else had its turn last.
        self.seen = 0.0
        # How many the thread has not come to the end of; a cancelled caller no longer waits.
        self.visits = 0

    async def carry_out(self, work: Callable[[], None], *, few: bool = True) -> None:
        """Do ``work`` here if it is short and cannot wait for anybody, else in the thread."""
        if self.writes and few and not self.visits:
            work()
            clock = asyncio.get_running_loop().time
            if clock() - self.seen > _SHARE:
                # Whatever else this process does goes on beside a long transaction.
                await asyncio.sleep(0)
                self.seen = clock()
        else:
            await self._visit(work)

    async def _visit(self, work: Callable[[], None]) -> None:
        self.visits += 1

        def counted() -> None:
            try:
                work()
            finally:
                self.visits -= 1

        async with self._execute_mutex:
            try:
                await cast(Any, self._connection)._execute(counted)
                self.seen = asyncio.get_running_loop().time()
            except ValueError:
                # Closed meanwhile: nothing of it will run.
                self.visits = 0
                raise

    def commit(self) -> None:
        self.writes = False
        super().commit()

    def rollback(self) -> None:
        self.writes = False
        raw = cast(Any, self._connection)._connection
        if raw is not None and (self.visits or raw.in_transaction):
            super().rollback()
