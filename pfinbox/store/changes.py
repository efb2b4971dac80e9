"""News from other processes: one async iterator of the topics that changed, on both databases."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.store.tables import revision
from pfinbox.store.uow import Store

# The safety net under the bell and under LISTEN, in seconds.
_POLL = 0.25
_RECONNECT = 2.0

_REVISIONS = select(revision.c.topic, revision.c.n)


async def changes(store: Store) -> AsyncIterator[frozenset[str]]:
    """Yield the topics whose revision moved, again and again; the first item is empty.

    A burst is one item. A lost connection is waited out; after it every topic may be reported.
    """
    woken = asyncio.Event()
    async with _waker(store, woken) as wait:
        # Listening already: what is committed while the first item is handled is not missed.
        before = await revisions(store)
        yield frozenset()
        while True:
            await wait()
            woken.clear()
            now = await revisions(store)
            changed = frozenset(topic for topic, n in now.items() if before.get(topic) != n)
            before = now
            if changed:
                yield changed


async def revisions(store: Store) -> dict[str, int]:
    """The current revision of every topic."""
    async with store.read() as uow:
        rows = await uow.connection.execute(_REVISIONS)
        return {row.topic: row.n for row in rows}


@contextlib.asynccontextmanager
async def _waker(store: Store, woken: asyncio.Event) -> AsyncIterator[Any]:
    if store.path is not None and store.bell is not None:
        listener = store.bell.listen(woken)
        # Through SQLAlchemy one look costs a hundred times more.
        watch, loop = _watch(store.path), asyncio.get_running_loop()
        try:
            last = _data_version(watch)

            async def wait() -> None:
                nonlocal last
                while (version := _data_version(watch)) == last:
                    woken.clear()
                    look = loop.call_later(_POLL, woken.set)
                    try:
                        await woken.wait()
                    finally:
                        look.cancel()
                last = version

            yield wait
        finally:
            watch.close()
            listener.close()
        return

    task = asyncio.create_task(_listen(store, woken))

    async def heard() -> None:
        await woken.wait()

    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _watch(path: str | Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, isolation_level=None)
    except sqlite3.Error as error:
        raise _unreadable(error) from error


def _data_version(connection: sqlite3.Connection) -> int:
    try:
        return int(connection.execute("PRAGMA data_version").fetchone()[0])
    except sqlite3.Error as error:
        raise _unreadable(error) from error


def _unreadable(error: sqlite3.Error) -> StoreError:
    return StoreError(_("the database cannot be used: {detail}").format(detail=error))


async def _listen(store: Store, woken: asyncio.Event) -> None:
    """LISTEN on a connection of its own; what was missed while it was away counts as a change."""
    import asyncpg

    lost_by = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)
    # What the URL says beyond the usual is meant for this connection, too: a socket, TLS.
    _none, given = store.engine.dialect.create_connect_args(store.engine.url)
    options = {key: value for key, value in given.items() if not key.startswith("prepared_")}
    while True:
        lost = asyncio.Event()
        try:
            connection = await asyncpg.connect(**options, timeout=10)
        except lost_by:
            await asyncio.sleep(_RECONNECT)
            continue
        try:
            connection.add_termination_listener(lambda _gone, lost=lost: lost.set())
            await connection.add_listener("pfinbox", lambda *_: woken.set())
            woken.set()
            await lost.wait()
        except lost_by:
            pass  # between two words with the server: it is connected again
        finally:
            # Whoever waits finds out by asking, not by silence.
            woken.set()
            with contextlib.suppress(*lost_by):
                await connection.close(timeout=2)
