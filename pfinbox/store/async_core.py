"""SQLAlchemy Core for asyncio, without the ORM.

``sqlalchemy.ext.asyncio`` has the same two classes, and imports the whole ORM beside them: a tenth
of the time in which a small command starts, and ten megabytes in every process.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from itertools import repeat
from typing import Any, Concatenate, ParamSpec, TypeVar, TypeVarTuple, overload

from sqlalchemy import URL, Connection, CursorResult, Dialect, Engine, Executable, Row, ScalarResult
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlalchemy.util import greenlet_spawn

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Values = Mapping[str, Any]


class AsyncConnection:
    """A connection whose statements are awaited; left open, it is rolled back."""

    def __init__(self, sync: Connection) -> None:
        self._sync = sync

    @property
    def dialect(self) -> Dialect:
        return self._sync.dialect

    @overload
    async def execute(
        self,
        statement: TypedReturnsRows[*Ts],
        parameters: Values | Sequence[Values] | None = None,
    ) -> CursorResult[*Ts]: ...

    @overload
    async def execute(
        self, statement: Executable, parameters: Values | Sequence[Values] | None = None
    ) -> CursorResult[*tuple[Any, ...]]: ...

    async def execute(
        self, statement: Executable, parameters: Values | Sequence[Values] | None = None
    ) -> Any:
        """The result; its rows are here already."""
        return await greenlet_spawn(self._sync.execute, statement, parameters)

    async def execute_many(self, statement: UpdateBase, rows: Sequence[Values]) -> None:
        """Carry out a statement, one that is kept, for each of the rows; all have the same names.

        For each of many rows SQLAlchemy's own way takes longer than the database.
        """
        if rows:
            many = _many(statement, self.dialect, tuple(rows[0]))
            await self.exec_driver_sql(many.text, many.values(rows))

    async def partitions(
        self, statement: Executable, size: int
    ) -> AsyncIterator[Sequence[Row[Any]]]:
        """The rows, so many at a time; never all of them in memory."""
        streaming = {"stream_results": True, "max_row_buffer": size}
        result = await greenlet_spawn(self._sync.execute, statement, execution_options=streaming)
        try:
            while rows := await greenlet_spawn(result.fetchmany, size):
                yield rows
        finally:
            await greenlet_spawn(result.close)

    @overload
    async def scalar(
        self, statement: TypedReturnsRows[T], parameters: Values | None = None
    ) -> T | None: ...

    @overload
    async def scalar(self, statement: Executable, parameters: Values | None = None) -> Any: ...

    async def scalar(self, statement: Executable, parameters: Values | None = None) -> Any:
        """The first column of the first row."""
        return (await self.execute(statement, parameters)).scalar()

    @overload
    async def scalars(
        self, statement: TypedReturnsRows[T], parameters: Values | None = None
    ) -> ScalarResult[T]: ...

    @overload
    async def scalars(
        self, statement: Executable, parameters: Values | None = None
    ) -> ScalarResult[Any]: ...

    async def scalars(self, statement: Executable, parameters: Values | None = None) -> Any:
        """The first column of every row."""
        return (await self.execute(statement, parameters)).scalars()

    async def exec_driver_sql(self, statement: str, parameters: Any = None) -> CursorResult[Any]:
        """A statement in the database's own words."""
        return await greenlet_spawn(self._sync.exec_driver_sql, statement, parameters)

    async def execution_options(self, **options: Any) -> None:
        """For all that follows on this connection."""
        await greenlet_spawn(self._sync.execution_options, **options)

    async def run_sync(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **values: P.kwargs
    ) -> T:
        """``work`` over the connection that is not awaited."""
        return await greenlet_spawn(partial(work, self._sync, *args, **values))

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        """A savepoint: an error within takes back what was done within."""
        savepoint = await greenlet_spawn(self._sync.begin_nested)
        try:
            yield
        except BaseException:
            await greenlet_spawn(savepoint.rollback)
            raise
        await greenlet_spawn(savepoint.commit)

    async def commit(self) -> None:
        await greenlet_spawn(self._sync.commit)

    async def rollback(self) -> None:
        await greenlet_spawn(self._sync.rollback)


class _Many:
    """A statement in the database's own words, and how it takes the values of a row."""

    def __init__(self, statement: UpdateBase, dialect: Dialect, names: tuple[str, ...]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        self.text = str(compiled)
        # What the statement says itself, and what its columns have where nothing is said.
        defaults = compiled.params | {
            column.key: column.default.arg
            for column in compiled.insert_prefetch
            if isinstance(column.default, ScalarElementColumnDefault)
        }
        self._takes = [
            (name if name in names else None, defaults.get(name), _process(compiled, name, dialect))
            for name in compiled.positiontup or ()
        ]

    def values(self, rows: Sequence[Values]) -> list[tuple[Any, ...]]:
        columns = []
        for name, default, process in self._takes:
            column = repeat(default, len(rows)) if name is None else [row[name] for row in rows]
            columns.append(column if process is None else map(process, column))
        return list(zip(*columns, strict=True))


def _process(compiled: SQLCompiler, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a value of this name the database's."""
    of: Callable[[Any], Any] | None = (
        compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
    )
    return of


_many = lru_cache(300)(_Many)


class AsyncEngine:
    """Lends connections. ``sync_engine`` is SQLAlchemy's own, for its events."""

    def __init__(self, sync_engine: Engine) -> None:
        self.sync_engine = sync_engine

    @property
    def url(self) -> URL:
        return self.sync_engine.url

    @property
    def dialect(self) -> Dialect:
        return self.sync_engine.dialect

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A connection, given back whatever happens."""
        sync = await greenlet_spawn(self.sync_engine.connect)
        try:
            yield AsyncConnection(sync)
        finally:
            await _to_its_end(greenlet_spawn(sync.close))

    async def dispose(self) -> None:
        """Close all connections that nobody uses now."""
        await greenlet_spawn(self.sync_engine.dispose)


async def _to_its_end(cleanup: Coroutine[Any, Any, None]) -> None:
    """Also where whoever waits is cancelled: half given back, a connection keeps its lock."""
    task = asyncio.create_task(cleanup)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        # Also where the cleanup failed: whoever was told to end must not go on.
        raise cancelled from task.exception()
    task.result()
