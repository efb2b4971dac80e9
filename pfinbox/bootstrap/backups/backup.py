"""``pfinbox backup``: everything in one folder, as SQLite whatever the database is; verified."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import text

from pfinbox.bootstrap.backups import manifest
from pfinbox.bootstrap.backups.bareconfig import without_secrets
from pfinbox.bootstrap.backups.manifest import DATABASE, Manifest
from pfinbox.config import Config
from pfinbox.errors import PfinboxError, StoreError, UsageError
from pfinbox.i18n import _
from pfinbox.services.outbound import restore_guard
from pfinbox.store import copying, schema
from pfinbox.store.async_core import AsyncConnection
from pfinbox.store.sqlite.damage import damaged, is_damage, note_backup
from pfinbox.store.uow import Store


async def backup(store: Store, config: Config, folder: Path) -> Manifest:
    """Write database, files, keys and the configuration without secrets to a new ``folder``.

    What was written is read again before this returns; when anything fails, nothing is left.
    """
    made = _new_folder(folder)
    try:
        async with store.read() as uow:
            store_id, made_at = await restore_guard.store_id(uow), uow.now
        rows = await _database(store, folder / DATABASE)
        described = _describe(folder, config, store_id, made_at, rows)
    except BaseException as error:
        _leave_nothing(folder, made)
        if isinstance(error, OSError):
            raise _cannot(folder, error) from error
        raise
    if store.path is not None:
        note_backup(store.path, folder, made_at)
    return described


def _describe(
    folder: Path, config: Config, store_id: str, made_at: datetime, rows: dict[str, int]
) -> Manifest:
    """The configuration and the manifest beside the database; all of it read again."""
    text = without_secrets(config)
    if text is not None:
        (folder / "config.toml").write_text(text, "utf-8")
    files = {path.name: manifest.sha256(path) for path in sorted(folder.iterdir())}
    at = made_at.isoformat().replace("+00:00", "Z")
    Manifest(at, version("pfinbox"), store_id, rows, files).write(folder)
    for path in folder.iterdir():
        path.chmod(0o600)
        flush(path)
    return manifest.verify(folder)


def _leave_nothing(folder: Path, made: bool) -> None:
    for path in folder.iterdir():
        path.unlink()
    if made:
        folder.rmdir()


def _new_folder(folder: Path) -> bool:
    """Whether it was made now; UsageError when something is in it already."""
    try:
        if folder.exists():
            if any(folder.iterdir()):
                raise UsageError(
                    _("{folder} is not empty; name a new folder").format(folder=folder)
                )
            return False
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise _cannot(folder, error) from error
    return True


def _cannot(folder: Path, error: OSError) -> PfinboxError:
    return PfinboxError(
        _("{folder} cannot be written: {detail}").format(folder=folder, detail=error.strerror)
    )


async def _database(store: Store, path: Path) -> dict[str, int]:
    """One consistent moment of the store as an SQLite file; its number of rows per table."""
    if store.path is not None:
        await vacuum_into(store, path)
    else:
        made = Store(f"sqlite+aiosqlite:///{path}", store.clock)
        try:
            await schema.create_missing(made)
            async with snapshot(store) as source, made.write() as uow:
                await copying.copy_rows(source, uow.connection)
                await uow.commit()
        finally:
            await made.close()
        _in_one_file(path)
    return await _rows(path)


@asynccontextmanager
async def snapshot(store: Store) -> AsyncIterator[AsyncConnection]:
    """PostgreSQL as it is at one moment, while others go on writing."""
    async with store.engine.connect() as connection:
        await connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        # Between two of its answers the copy is written, to whatever disk.
        await connection.execute(text("set local idle_in_transaction_session_timeout = 0"))
        yield connection


async def vacuum_into(store: Store, path: Path) -> None:
    """A copy of an SQLite store without anything that was deleted from it."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    database = sqlite3.connect(str(store.path), timeout=30)
    try:
        database.execute("VACUUM INTO ?", (str(path),))
    except sqlite3.Error as error:
        if is_damage(error):
            raise damaged(store.path, str(error)) from error
        raise StoreError(
            _("the database cannot be copied: {detail}").format(detail=error)
        ) from error
    finally:
        database.close()
    flush(path)


def _in_one_file(path: Path) -> None:
    """What is still in the write-ahead log goes to the file itself."""
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = delete")
    database.close()


async def _rows(path: Path) -> dict[str, int]:
    copy = Store(f"sqlite+aiosqlite:///{path}")
    try:
        async with copy.read() as uow:
            rows = await copying.counts(uow.connection)
    finally:
        await copy.close()
    _in_one_file(path)
    return rows


def flush(path: Path) -> None:
    """Have it on the disk before anybody relies on it."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


async def before_upgrade(store: Store) -> Path | None:
    """A copy beside the SQLite file, made before its schema changes.

    None on PostgreSQL: its upgrade is one transaction, and its backups are the server's.
    """
    if store.path is None:
        return None
    stamp = store.clock().strftime("%Y%m%dT%H%M%SZ")
    path = store.path.with_name(f"{store.path.name}.before-upgrade-{stamp}")
    await vacuum_into(store, path)
    return path
