"""SQLite without its thread: statements run on the loop, and the seed says how long each takes.

Stands in for aiosqlite's connection under pfinbox's own adapter. A lock that another connection
holds is waited for in virtual time; what a cancelled caller has asked for is done all the same, as
by a real thread; a process that dies leaves its transaction uncommitted.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import event

from pfinbox.store.async_core import AsyncEngine
from pfinbox.store.engine import BUSY_SECONDS, make_engines
from pfinbox.store.sqlite.one_hop import OneHopConnection
from tests.faults.simulation.loop import PROCESS, Loop, Process


class Disk:
    """What the seed does to statements: how long they take, and which of them fail."""

    def __init__(self, seed: str) -> None:
        self.random = Random(f"{seed} disk")
        # The share of statements that take time, or fail.
        self.slow = 0.1
        self.broken = 0.0
        # Processes that are cut from the database.
        self.cut: set[Process] = set()

    def delay(self) -> float:
        draw = self.random.random()
        if draw >= self.slow:
            return 0.0
        return 0.0 if draw < self.slow * 0.5 else self.random.expovariate(200)

    def may_fail(self, process: Process) -> None:
        if process in self.cut:
            raise sqlite3.OperationalError("no connection to the database")
        if self.broken and self.random.random() < self.broken:
            raise sqlite3.OperationalError("disk I/O error")


@dataclass(slots=True)
class _Visit:
    work: Callable[[], Any]
    future: "asyncio.Future[Any]"
    until: float | None = None


class Thread:
    """What aiosqlite's connection is to the adapter."""

    def __init__(self, raw: sqlite3.Connection, loop: Loop, process: Process, disk: Disk) -> None:
        self._connection: sqlite3.Connection | None = raw
        self._loop = loop
        self._process = process
        self._disk = disk
        self._visits: deque[_Visit] = deque()
        process.at_death.append(self.die)

    def die(self) -> None:
        """The process is dead: what was not committed is gone, and nothing more is done."""
        raw, self._connection = self._connection, None
        if raw is not None:
            raw.close()
        for visit in self._visits:
            if not visit.future.done():
                visit.future.set_exception(ValueError("no active connection"))
                visit.future.exception()  # whoever waited may be gone
        self._visits.clear()

    @property
    def _conn(self) -> sqlite3.Connection:
        self._process.must_live()
        if self._connection is None:
            raise ValueError("no active connection")
        return self._connection

    @property
    def is_paused(self) -> bool:
        return self._process.paused

    def step(self) -> None:
        """A statement is a place where the process may die, or the disk fail."""
        self._process.step()
        self._disk.may_fail(self._process)

    async def _execute(self, function: Any, *args: Any, **values: Any) -> Any:
        if self._connection is None:
            raise ValueError("Connection closed")
        work = partial(function, *args, **values)
        delay = self._disk.delay()
        if not self._visits and not delay:
            try:
                return work()
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise
        visit = _Visit(work, self._loop.create_future())
        self._visits.append(visit)
        if len(self._visits) == 1:
            self._loop.call_later(delay, self._work)
        return await visit.future

    def _work(self) -> None:
        if not self._visits:
            return
        visit, now = self._visits[0], self._loop.time()
        try:
            result = visit.work()
        except Exception as error:
            if _is_busy(error):
                visit.until = now + BUSY_SECONDS if visit.until is None else visit.until
                if now < visit.until:
                    self._loop.call_later(self._disk.random.uniform(0.001, 0.1), self._work)
                    return
            self._end(visit, error=error)
        except BaseException:
            visit.future.cancel()
            self._end(visit)
        else:
            self._end(visit, result)

    def _end(self, visit: _Visit, result: Any = None, error: Exception | None = None) -> None:
        self._visits.popleft()
        if not visit.future.done():
            if error is not None:
                visit.future.set_exception(error)
            else:
                visit.future.set_result(result)
        if self._visits:
            self._loop.call_later(self._disk.delay(), self._work)

    async def create_function(self, *args: Any, **values: Any) -> None:
        self._conn.create_function(*args, **values)

    async def commit(self) -> None:
        try:
            self.step()
        except sqlite3.OperationalError:
            # SQLite takes back what it cannot commit.
            await self.rollback()
            raise
        await self._execute(self._conn.commit)
        # A server may be gone between the commit and its answer.
        self.step()

    async def rollback(self) -> None:
        if self._connection is not None:
            await self._execute(self._connection.rollback)

    async def close(self) -> None:
        if self._connection is not None:
            await self._execute(self._connection.close)
            self.die()

    def stop(self) -> None:
        self.die()


class SimulatedConnection(OneHopConnection):
    """pfinbox's adapter, in whose transactions other processes may have their turn, too."""

    __slots__ = ()

    @property
    def isolation_level(self) -> str | None:
        return None

    @isolation_level.setter
    def isolation_level(self, value: str | None) -> None:
        """The driver's own way would ask a real thread; the connection was opened like this."""

    async def carry_out(self, work: Callable[[], None], *, few: bool = True) -> None:
        thread: Any = self._connection
        thread.step()
        if thread.is_paused:
            # In the middle of a transaction, and whatever it locked stays locked.
            await asyncio.sleep(0)
        if self.writes and few and not self.visits and not thread._disk.delay():
            work()
        else:
            await self._visit(work)


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


class Engines:
    """Engines for one place of a simulated process, used by one history after the other.

    What SQLAlchemy has compiled for them is kept: it costs far more than a history.
    """

    def __init__(self, url: str) -> None:
        self.disk = Disk("")
        self.pair = make_engines(url, connect=self._connect)
        for engine in self.pair:
            event.listen(engine.sync_engine, "connect", _prepared)

    def __call__(self, _url: str, _answer_seconds: float) -> tuple[AsyncEngine, AsyncEngine]:
        return self.pair

    def forget(self) -> None:
        """A process that begins has no connections."""
        for engine in self.pair:
            engine.sync_engine.dispose(close=False)

    def _connect(self, dialect: Any, arguments: Any, _options: Any) -> OneHopConnection:
        loop, process = asyncio.get_running_loop(), PROCESS.get()
        assert isinstance(loop, Loop)
        raw = sqlite3.connect(
            arguments[0], timeout=0, isolation_level=None, check_same_thread=False
        )
        # Virtual time is waited for above; SQLite itself must never wait.
        raw.set_authorizer(_no_waiting)
        return SimulatedConnection(dialect.dbapi, Thread(raw, loop, process, self.disk))


def _no_waiting(action: int, first: str | None, *_rest: object) -> int:
    is_timeout = action == sqlite3.SQLITE_PRAGMA and first == "busy_timeout"
    return sqlite3.SQLITE_IGNORE if is_timeout else sqlite3.SQLITE_OK


def _prepared(dbapi: Any, _record: Any) -> None:
    dbapi._connection._conn.set_authorizer(None)
