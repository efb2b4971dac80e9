"""Opening the database: SQLite with its pragmas, PostgreSQL with its options."""

import os
import stat
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.util.concurrency import await_

from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.store.async_core import AsyncEngine
from pfinbox.store.sqlite import header
from pfinbox.store.sqlite.one_hop import OneHopConnection

# How long a writer waits for another one before it gives up, in seconds.
BUSY_SECONDS = 10.0
# Kilobytes. A batch of mails changes some megabytes, here and there in the file.
READER_CACHE, WRITER_CACHE = 2_000, 16_000
# A PostgreSQL connection that was used so lately is not asked whether it lives: it would say so.
FRESH_SECONDS = 5.0
# How long a PostgreSQL transaction may do nothing; the daemons' silence is longer.
IDLE_SECONDS = 10
# How long PostgreSQL may take to answer one statement; the longest ones take a few.
ANSWER_SECONDS = 60.0


# Opens an SQLite file for a dialect, with the arguments and options of aiosqlite's connect.
Connect = Callable[[Any, Any, Any], OneHopConnection]


# Engines for reading and for writing, of a URL; and how long an answer may take, in seconds.
Engines = Callable[[str, float], tuple[AsyncEngine, AsyncEngine]]


def in_a_thread(dialect: Any, arguments: Any, options: Any) -> OneHopConnection:
    """An SQLite connection in a thread of its own."""
    connection = dialect.dbapi.aiosqlite.connect(*arguments, **options)
    # A program that ends must not wait for a thread of a connection that nobody closed.
    connection._thread.daemon = True
    return OneHopConnection(dialect.dbapi, await_(connection))


def make_engines(
    url: str, answer_seconds: float = ANSWER_SECONDS, connect: Connect = in_a_thread
) -> tuple[AsyncEngine, AsyncEngine]:
    """Engines for reading and for writing; the same one on PostgreSQL.

    SQLite has one writer at a time, so one connection is enough, and its cache stays true: what
    another connection writes empties it, and nearly all of it would be read again at each batch.
    """
    reading = make_engine(url, answer_seconds, connect=connect)
    if reading.dialect.name != "sqlite":
        return reading, reading
    return reading, make_engine(url, answer_seconds, WRITER_CACHE, connect)


def make_engine(
    url: str,
    answer_seconds: float = ANSWER_SECONDS,
    cache: int = READER_CACHE,
    connect: Connect = in_a_thread,
) -> AsyncEngine:
    """An engine for ``sqlite+aiosqlite://`` or ``postgresql+asyncpg://``; nothing is opened yet.

    ``cache``: how much of an SQLite file a connection keeps in memory, in kilobytes. ``connect``:
    what opens one.
    Raises StoreError when the URL or its driver cannot be used.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(url, parsed.database or "", cache, connect)
        engine = create_engine(
            url,
            pool_size=5,
            # An error of ours is logged; what clients wrote is not.
            hide_parameters=True,
            connect_args={
                # Compiling a plan costs our small queries (and the driver's own about types, at
                # every connection) ten times what it saves.
                "server_settings": {
                    "application_name": "pfinbox",
                    "jit": "off",
                    # Whoever is stopped in the middle of a transaction must not keep its locks:
                    # another daemon could not take over.
                    "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
                },
                "timeout": min(10.0, answer_seconds),
                # A server that is gone without a word (its machine, the network) closes nothing.
                "command_timeout": answer_seconds,
            },
        )
        event.listen(engine, "checkin", _used)
        event.listen(engine, "checkout", partial(_look, engine.dialect))
        return AsyncEngine(engine)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise StoreError(
            _("the database URL cannot be used: {detail}").format(detail=error)
        ) from None


def _used(_dbapi: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _look(dialect: Dialect, dbapi: Any, record: Any, _proxy: Any) -> None:
    """Whether a connection of the pool lives: a server that was restarted leaves dead ones.

    SQLAlchemy's own look (``pool_pre_ping``) asks the server three times, at each transaction.
    """
    if dbapi.driver_connection.is_closed():
        raise DisconnectionError
    if time.monotonic() - record.info.get("used", time.monotonic()) < FRESH_SECONDS:
        return
    try:
        dialect.do_ping(dbapi)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def sqlite_path(url: str) -> Path | None:
    """The file behind an SQLite URL, None for another database or one in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def _sqlite(url: str, database: str, cache: int, connect: Connect) -> AsyncEngine:
    if database in ("", ":memory:"):
        raise StoreError(_("an SQLite store needs a file: several processes share it"))
    path = Path(database)
    _make_private(path)
    engine = create_engine(
        url,
        # One at a time, but not always from the same thread (one_hop.py).
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        # The one used last remembers most of what is in the file.
        pool_use_lifo=True,
        hide_parameters=True,
    )

    @event.listens_for(engine, "do_connect")
    def open_file(dialect: Any, _record: Any, arguments: Any, options: Any) -> OneHopConnection:
        header.look(path)
        return connect(dialect, arguments, options)

    @event.listens_for(engine, "connect")
    def prepare(dbapi: Any, _record: Any) -> None:
        # The driver must not begin transactions of its own: _begin does, with the right kind.
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        if header.look(path):
            # Before WAL, so that it is in the file itself from the first page on.
            cursor.execute(f"PRAGMA application_id = {header.APPLICATION_ID}")
        for pragma in (
            "journal_mode = WAL",
            # WAL with NORMAL may lose a commit that we already confirmed to the other side.
            "synchronous = FULL",
            "foreign_keys = ON",
            # Between two checkpoints a page is written to the file once, however often it changed.
            "wal_autocheckpoint = 4000",
            "journal_size_limit = 16777216",
            f"cache_size = -{cache}",
            # What was purged is overwritten, not only unlinked.
            "secure_delete = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when another writer
        # came between (busy_timeout does not apply to a lock upgrade).
        write = connection.get_execution_options().get("pfinbox_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
        cast(OneHopConnection, connection.connection.dbapi_connection).writes = write

    return AsyncEngine(engine)


def _make_private(path: Path) -> None:
    """Make the file before SQLite would, with 0600: it holds every word of the clients."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        elif not stat.S_ISREG(path.stat().st_mode):
            raise StoreError(_("{path} is not a database file").format(path=path))
    except OSError as error:
        raise StoreError(
            _("the database {path} cannot be opened: {detail}").format(
                path=path, detail=error.strerror
            )
        ) from error
