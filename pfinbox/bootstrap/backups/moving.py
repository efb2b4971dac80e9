"""``pfinbox db copy``: the whole inbox into another database, of either kind, and compared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pfinbox.bootstrap.backups import standing
from pfinbox.bootstrap.backups.backup import snapshot
from pfinbox.config.keys import async_url, bad_url
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import Refused, StoreError, UsageError
from pfinbox.i18n import _
from pfinbox.services.outbound import restore_guard
from pfinbox.services.system import leases
from pfinbox.store import copying, schema, settings
from pfinbox.store import tables as t
from pfinbox.store.async_core import AsyncConnection
from pfinbox.store.uow import Store


async def copy(source: Store, url: str) -> dict[str, int]:
    """Copy ``source`` to the empty database of ``url``; returns the rows of each table.

    Only what is the same in every row is kept there. From then on the copy is the inbox: the
    source sends nothing until somebody releases it, as both would send the same.
    """
    target = Store(_target(url), source.clock)
    try:
        await standing.must_stand_still(source)
        await schema.create_missing(target)
        await schema.check(target)
        if await standing.has_anything(target):
            raise Refused(_("the database that is copied to is not empty"))
        rows = await _copy(source, target)
    finally:
        await target.close()
    at = source.clock().isoformat(" ", "seconds")
    await source.run(lambda uow: restore_guard.hold(uow, Reason("database_copied", {"at": at})))
    return rows


def _target(url: str) -> str:
    if (problem := bad_url(url)) is not None:
        raise UsageError(f"--to: {problem}")
    return async_url(url, Path.cwd()) or url


@asynccontextmanager
async def _one_moment(source: Store) -> AsyncIterator[AsyncConnection]:
    """The source as it is, whoever writes to it meanwhile."""
    if source.sqlite:
        async with source.read() as uow:
            yield uow.connection
        return
    async with snapshot(source) as connection:
        yield connection


async def _copy(source: Store, target: Store) -> dict[str, int]:
    async with _one_moment(source) as old, target.write() as new:
        await copying.copy_rows(old, new.connection)
        rows = await copying.counts(old)
        for name, table in t.metadata.tables.items():
            if await copying.digest(old, table) != await copying.digest(new.connection, table):
                raise StoreError(_("{table} is not the same in the copy").format(table=name))
        # Where it stands now it has no stamp yet, and nobody serves it.
        await settings.remove(new, settings.MACHINE)
        await leases.forget_all(new)
        await new.commit()
    return rows
