"""The unit of work: one transaction of one use case; leaving it without ``commit()`` rolls back."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import ARRAY, String, Table, bindparam, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from pfinbox.domain.health.happened import Happened
from pfinbox.errors import StoreBusy, StoreError, UsageError
from pfinbox.i18n import _
from pfinbox.store import row_statements
from pfinbox.store.async_core import AsyncConnection
from pfinbox.store.engine import ANSWER_SECONDS, BUSY_SECONDS, Engines, make_engines, sqlite_path
from pfinbox.store.sqlite.bell import Bell
from pfinbox.store.sqlite.damage import damaged, is_damage
from pfinbox.store.sqlite.room import full
from pfinbox.store.tables import revision

T = TypeVar("T")

_TRIES = 4
# PostgreSQL: serialization failure, deadlock, unique violation of two concurrent writers.
# PostgreSQL: connection, authorisation, resources, intervention, system, internal, catalogue.
_UNUSABLE_CLASSES = {"08", "28", "3D", "53", "57", "58", "XX", "42"}
_RETRY_STATES = {"40001", "40P01", "23505"}
_RAISE = (
    sqlite.insert(revision)
    .values(n=1)
    .on_conflict_do_update(index_elements=["topic"], set_={"n": revision.c.n + 1})
)
# In one: a server far away is asked once.
_RAISE_AND_NOTIFY = text(
    """
    WITH raised AS (
        INSERT INTO revision (topic, n) SELECT topic, 1 FROM unnest(:topics) AS topic
        ON CONFLICT (topic) DO UPDATE SET n = revision.n + 1
    )
    SELECT pg_notify('pfinbox', array_to_string(:topics, ','))
    """
).bindparams(bindparam("topics", type_=ARRAY(String)))


class UnitOfWork:
    """What a use case works on: the connection, the time, and the topics it changed."""

    def __init__(
        self, connection: AsyncConnection, now: datetime, path: Path | None = None
    ) -> None:
        self.connection = connection
        self.now = now
        # The file of an SQLite store.
        self.path = path
        self.committed = False
        self.topics: set[str] = set()
        # For the log and the figures, once it is committed.
        self.happened: list[Happened] = []
        # What this transaction has locked (``store.locks``).
        # Whether chats were locked, be it none that were there.
        self.has_locked = False
        self.held_chats: set[int] = set()
        self.held_tasks: set[int] = set()
        self.sqlite = connection.dialect.name == "sqlite"

    def touch(self, *topics: str) -> None:
        """Tell every process after the commit that these topics changed.

        Topics: tasks, contacts, outbox, accounts, presence, drafts, requests.
        """
        self.topics.update(topics)

    def note(self, kind: str, **facts: int | str | float | None) -> None:
        """Tell the program's log and figures after the commit that this happened."""
        self.happened.append(Happened(kind, facts))

    async def add(self, table: Table, **values: object) -> int:
        """Insert one row and return its id; no value is an SQL expression."""
        return int(
            (await self.connection.execute(row_statements.adding(table), values)).scalar_one()
        )

    async def add_root(self, table: Table, **values: object) -> int:
        """Insert a row that is its own root, as every task and card is until it is merged."""
        statement = row_statements.adding_root(table, self.sqlite)
        return int((await self.connection.execute(statement, values)).scalar_one())

    async def change(self, table: Table, row_id: int, **values: object) -> None:
        """Set columns of the row with this id; no value is an SQL expression."""
        await self.connection.execute(row_statements.changing(table), {"row_id": row_id, **values})

    async def add_missing(self, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert those of the rows that are not there yet."""
        if rows:
            statement = row_statements.adding_missing(table, self.sqlite)
            await self.connection.execute_many(statement, rows)

    async def put(
        self, table: Table, keys: tuple[str, ...], rows: Sequence[Mapping[str, object]]
    ) -> None:
        """Insert the rows, or change those that have the same ``keys``; all have the same names."""
        if rows:
            statement = row_statements.putting(table, keys, tuple(rows[0]), self.sqlite)
            await self.connection.execute_many(statement, rows)

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """A part of the transaction that an error within undoes, its locks and notes included."""
        held = self.has_locked, self.held_chats.copy(), self.held_tasks.copy()
        noted = len(self.happened)
        try:
            async with self.connection.begin_nested():
                yield
        except BaseException:
            self.has_locked, self.held_chats, self.held_tasks = held
            del self.happened[noted:]
            raise

    async def commit(self) -> None:
        """Raise the revisions of what was touched and make everything durable."""
        # In one order, and last: two writers must not wait for each other crosswise.
        topics = sorted(self.topics)
        if topics and self.sqlite:
            await self.connection.execute_many(_RAISE, [{"topic": topic} for topic in topics])
        elif topics:
            await self.connection.execute(_RAISE_AND_NOTIFY, {"topics": topics})
        await self.connection.commit()
        self.committed = True


class Store:
    """The database as the program sees it: it hands out units of work and read connections."""

    def __init__(
        self,
        url: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        answer_seconds: float = ANSWER_SECONDS,
        engines: Engines = make_engines,
    ) -> None:
        self.url = url
        self.path = sqlite_path(url)
        self.engine, self.writer = engines(url, answer_seconds)
        # SQLite's writers of this process, in the order in which they came.
        self._turn = asyncio.Lock()
        self.clock = clock
        self.bell: Bell | None = Bell(self.path) if self.path else None
        # Hears of what a committed transaction of this process did, if anything.
        self.listener: Callable[[Sequence[Happened]], None] | None = None

    @property
    def sqlite(self) -> bool:
        return self.path is not None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """One transaction that writes. SQLite takes its write lock here, at the start."""
        async with self._turn_to_write(), _translated(self.path), self.writer.connect() as writer:
            await writer.execution_options(pfinbox_write=True)
            uow = UnitOfWork(writer, self.clock(), self.path)
            yield uow
        if uow.committed and uow.topics and self.bell is not None:
            self.bell.ring(uow.topics)
        if uow.committed and uow.happened and self.listener is not None:
            self.listener(uow.happened)

    @asynccontextmanager
    async def _turn_to_write(self) -> AsyncIterator[None]:
        if not self.sqlite:
            yield
            return
        try:
            async with asyncio.timeout(BUSY_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise StoreBusy(_("the database is held by another program")) from None
        try:
            yield
        finally:
            self._turn.release()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """One short transaction that only reads; never held across a key wait (the WAL grows)."""
        async with _translated(self.path), self.engine.connect() as connection:
            yield UnitOfWork(connection, self.clock(), self.path)

    async def run(self, use_case: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Run ``use_case`` in one transaction and commit it.

        Two writers may collide (a deadlock, the same new address from two accounts): the loser
        starts again from the beginning, so ``use_case`` must do nothing outside its transaction.
        """
        for attempt in range(_TRIES):
            try:
                async with self.write() as uow:
                    result = await use_case(uow)
                    await uow.commit()
                return result
            except Collision:
                if attempt + 1 == _TRIES:
                    raise
                await asyncio.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311
        raise AssertionError("unreachable")

    async def close(self) -> None:
        await self.engine.dispose()
        await self.writer.dispose()


class Collision(StoreBusy):
    """Two writers met; the same transaction may succeed when started again."""


@asynccontextmanager
async def _translated(path: Path | None) -> AsyncIterator[None]:
    """Database errors as ours: a person reads one sentence, the cause stays chained."""
    try:
        yield
    except IntegrityError as error:
        if _state(error) == "23505" or "UNIQUE constraint" in str(error.orig):
            raise Collision(_("somebody else wrote the same thing at the same moment")) from error
        raise
    except DBAPIError as error:
        if is_damage(error.orig):
            raise damaged(path, str(error.orig)) from error
        state = _state(error) or ""
        if state in _RETRY_STATES:
            raise Collision(_("somebody else wrote the same thing at the same moment")) from error
        if "locked" in str(error.orig) or "busy" in str(error.orig):
            raise StoreBusy(_("the database is held by another program")) from error
        if (
            isinstance(error, OperationalError)
            or error.connection_invalidated
            or state[:2] in _UNUSABLE_CLASSES
            # Closed to connections, as for maintenance; ended, as it was idle in a transaction.
            or state in ("55000", "25P03")
        ):
            raise StoreError(_unusable(error, path)) from error
        if state == "22021" or "surrogates not allowed" in str(error.orig):
            raise _no_text() from error
        # The database works; what was written is at fault, and it would be again next time.
        raise
    except UnicodeEncodeError as error:
        raise _no_text() from error
    except OSError as error:
        # asyncpg lets the socket's own error through.
        raise StoreError(_unusable(error, path)) from error


def _no_text() -> UsageError:
    """Typed, or asked for by an address: bytes that are no UTF-8, or a NUL."""
    return UsageError(_("a text holds characters that no database keeps"))


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)


def _unusable(error: Exception, path: Path | None) -> str:
    if path is not None and (why := full(path)) is not None:
        # SQLite's own words for it are many: a log that cannot grow is an I/O error.
        return why.sentence()
    cause = getattr(error, "orig", None) or error
    # Who waited in vain says nothing.
    detail = next(iter(str(cause).splitlines()), _("no answer"))
    return _("the database cannot be used: {detail}").format(detail=detail)
