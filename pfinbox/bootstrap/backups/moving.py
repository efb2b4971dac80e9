"""``pfinbox db copy``: the whole inbox into another database, of either kind, and compared."""

from pathlib import Path

from sqlalchemy import text

from pfinbox.bootstrap.backups import standing
from pfinbox.config.keys import async_url, bad_url
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import Refused, StoreError, UsageError
from pfinbox.i18n import _
from pfinbox.services.outbound import restore_guard
from pfinbox.services.system import leases
from pfinbox.store import copying, schema, settings
from pfinbox.store import tables as t
from pfinbox.store.uow import Store, UnitOfWork


async def copy(source: Store, url: str) -> dict[str, int]:
    """Copy ``source`` to the empty database of ``url``; returns the rows of each table.

    Only what is the same in every row is kept there. From then on the copy is the inbox: the
    source sends nothing until somebody releases it, as both would send the same. Nobody writes to
    the source until that is said: no daemon begins to send, and nothing is missing in the copy.
    """
    target = Store(_target(url), source.clock)
    try:
        async with source.write() as old:
            await _keep_others_out(old)
            await standing.must_stand_still(old)
            await schema.create_missing(target)
            await schema.check(target)
            if await standing.has_anything(target) or await _is_source(old, target):
                raise Refused(_("the database that is copied to is not empty"))
            async with target.write() as new:
                rows = await _copy(old, new)
                at = old.now.isoformat(" ", "seconds")
                await restore_guard.hold(old, Reason("database_copied", {"at": at}))
                await new.commit()
            await old.commit()
    finally:
        await target.close()
    return rows


def _target(url: str) -> str:
    if (problem := bad_url(url)) is not None:
        raise UsageError(f"--to: {problem}")
    return async_url(url, Path.cwd()) or url


async def _is_source(source: UnitOfWork, target: Store) -> bool:
    """Whether both are one database, which would wait for itself."""
    async with target.read() as uow:
        return await restore_guard.store_id(uow) == await restore_guard.store_id(source)


async def _keep_others_out(source: UnitOfWork) -> None:
    """Until this transaction ends others only read; SQLite's writer is the only one as it is."""
    if source.sqlite:
        return
    # Between two of its answers the copy is written, to whatever disk.
    await source.connection.execute(text("set local idle_in_transaction_session_timeout = 0"))
    tables = ", ".join(sorted(t.metadata.tables))
    await source.connection.execute(text(f"lock table {tables} in exclusive mode"))


async def _copy(source: UnitOfWork, target: UnitOfWork) -> dict[str, int]:
    old, new = source.connection, target.connection
    await copying.copy_rows(old, new)
    rows = await copying.counts(old)
    for name, table in t.metadata.tables.items():
        if await copying.digest(old, table) != await copying.digest(new, table):
            raise StoreError(_("{table} is not the same in the copy").format(table=name))
    # Where it stands now it has no stamp yet, and nobody serves it.
    await settings.remove(target, settings.MACHINE)
    await leases.forget_all(target)
    return rows
