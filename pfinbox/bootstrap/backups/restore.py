"""``pfinbox restore``: a verified backup takes the store's place; sending waits to be released."""

import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from pfinbox.bootstrap.backups import manifest, standing
from pfinbox.bootstrap.backups.backup import vacuum_into
from pfinbox.bootstrap.backups.manifest import DATABASE, Manifest
from pfinbox.bootstrap.stores import open_store
from pfinbox.config import Config
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import Refused, StoreDamaged, StoreError
from pfinbox.i18n import _
from pfinbox.services.outbound import restore_guard
from pfinbox.services.privacy import still_purged
from pfinbox.services.system import leases
from pfinbox.store import copying, schema
from pfinbox.store import tables as t
from pfinbox.store.integrity import pages
from pfinbox.store.sqlite.header import NotOurs
from pfinbox.store.uow import Store


async def restore(
    config: Config,
    folder: Path,
    *,
    force: bool = False,
    allowed: Callable[[Store], Awaitable[None]] | None = None,
) -> Manifest:
    """Put the backup in ``folder`` in the place of the configured store.

    Everything is checked first; a bad backup, a store with something in it (without ``force``) or
    a running daemon change nothing. What is replaced on SQLite is kept beside the new file.
    """
    found = manifest.verify(folder)
    store = await _target(config, force, allowed)
    purged: frozenset[str] = frozenset()
    try:
        try:
            await _may_replace(store, force)
            purged = await _purged(store, found.store_id)
            if force:
                await pages.look(store)
        except StoreDamaged:
            if not force or store.path is None:
                raise
            # It opens, but cannot be copied as a whole.
            await store.close()
            _put_aside(store.path, store.clock())
            store = await open_store(config)
        with tempfile.TemporaryDirectory(prefix="pfinbox-restore-") as place:
            copy = Path(place) / DATABASE
            shutil.copyfile(folder / DATABASE, copy)
            await _prepare(copy, found, purged, store)
            await _replace(store, copy)
    finally:
        await store.close()
    return found


async def _target(
    config: Config, force: bool, allowed: Callable[[Store], Awaitable[None]] | None
) -> Store:
    """The store to replace; one that cannot be opened is put aside by force."""
    try:
        return await open_store(config, allowed=allowed)
    except NotOurs:
        # Not even put aside: another program would miss it.
        raise
    except StoreError:
        store = Store(config.database_url)
        try:
            if not force or store.path is None or not store.path.is_file():
                raise
            _put_aside(store.path, store.clock())
        finally:
            await store.close()
        return await open_store(config)


def _put_aside(path: Path, now: datetime) -> None:
    for ending in ("", "-wal", "-shm"):
        file = path.with_name(path.name + ending)
        if file.exists():
            file.rename(_aside(path, now, ending))


def _aside(path: Path, now: datetime, ending: str = "") -> Path:
    return path.with_name(f"{path.name}.before-restore-{now:%Y%m%dT%H%M%S%fZ}{ending}")


async def _may_replace(store: Store, force: bool) -> None:
    async with store.read() as uow:
        await standing.must_stand_still(uow)
    if not force and await standing.has_anything(store):
        raise Refused(_("the store is not empty; with --force the backup takes its place"))


async def _purged(store: Store, store_id: str) -> frozenset[str]:
    """What was purged since the backup was made must not come back with it (R34)."""
    async with store.read() as uow:
        if await restore_guard.store_id(uow) != store_id:
            return frozenset()
        return frozenset(await uow.connection.scalars(select(t.purged_id.c.hash)))


async def _prepare(copy: Path, found: Manifest, purged: frozenset[str], target: Store) -> None:
    """Make the copy what the store shall be: of this schema, without the purged, held."""
    store = Store(f"sqlite+aiosqlite:///{copy}", target.clock)
    try:
        if await schema.is_older(store):
            await schema.upgrade(store)
        await schema.check(store)
        async with store.write() as uow:
            await still_purged.purge_again(uow, purged)
            await leases.forget_all(uow)
            await restore_guard.hold(uow, Reason("backup_restored", {"made_at": found.made_at}))
            await uow.commit()
    finally:
        await store.close()


async def _replace(store: Store, copy: Path) -> None:
    if store.path is None:
        source = Store(f"sqlite+aiosqlite:///{copy}")
        try:
            # One transaction: until it ends, everybody sees the old store.
            async with source.read() as old, store.write() as new:
                await copying.copy_rows(old.connection, new.connection)
                new.touch("tasks", "contacts", "outbox", "accounts")
                await new.commit()
        finally:
            await source.close()
        return
    await vacuum_into(store, _aside(store.path, store.clock()))
    await store.close()
    source_file = sqlite3.connect(copy)
    target = sqlite3.connect(str(store.path), timeout=30)
    try:
        # One transaction as well; programs that have the file open see what is new.
        source_file.backup(target)
    except sqlite3.Error as error:
        raise StoreError(
            _("the database cannot be replaced: {detail}").format(detail=error)
        ) from error
    finally:
        target.close()
        source_file.close()
