"""Whether the database itself is sound: by SQLite's own checks, or by reading all there is."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pfinbox.store import tables as t
from pfinbox.store.integrity.check import Check, Ids
from pfinbox.store.sqlite.damage import damaged
from pfinbox.store.uow import Store, UnitOfWork


async def look(store: Store) -> None:
    """StoreDamaged names the first page that is broken. Every page is read."""
    if not store.sqlite:
        return
    async with store.read() as uow:
        found = str(await uow.connection.scalar(text("pragma quick_check(1)")))
    if found != "ok":
        raise damaged(store.path, " ".join(found.split()))


async def check(store: Store) -> None:
    """The same, and whether every reference leads to a row."""
    if not store.sqlite:
        return
    await look(store)
    async with store.read() as uow:
        row = (await uow.connection.execute(text("pragma foreign_key_check"))).first()
    if row is not None:
        raise damaged(store.path, f"{row[0]} {row[1]} -> {row[2]}")


async def _unreadable(uow: UnitOfWork) -> Ids:
    """Tables of which not every value can be read, and indexes that do not fit their tables.

    SQLite's pages were looked at before (``look``); PostgreSQL's indexes are where it has amcheck.
    """
    if uow.sqlite:
        found = list(await uow.connection.scalars(text("pragma integrity_check(10)")))
        return [] if found == ["ok"] else [" ".join(str(one).split()) for one in found]
    # As text, so that what stands outside of the table (TOAST) is read, too.
    whole = 'select sum(length(row::text)) from "{name}" as row'
    names = [one for one in sorted(t.metadata.tables) if not await _works(uow, whole, one)]
    if await uow.connection.scalar(text("select 1 from pg_extension where extname = 'amcheck'")):
        fits = "select bt_index_check('\"{name}\"'::regclass)"
        indexes = (await uow.connection.scalars(text(_INDEXES))).all()
        names += [one for one in indexes if not await _works(uow, fits, one)]
    return names


async def _index_anew(uow: UnitOfWork, ids: Ids) -> None:
    """What is in the tables is the truth of it."""
    if uow.sqlite:
        await uow.connection.execute(text("reindex"))
        return
    for name in (await uow.connection.scalars(text(_INDEXES))).all():
        if name in ids:
            await uow.connection.execute(text(f'reindex index "{name}"'))


_INDEXES = """
    select relname from pg_class join pg_am on pg_am.oid = relam
    where relkind = 'i' and amname = 'btree' and relnamespace = to_regnamespace(current_schema())
"""


async def _works(uow: UnitOfWork, query: str, name: str) -> bool:
    try:
        async with uow.connection.begin_nested():
            await uow.connection.execute(text(query.format(name=name)))
    except DBAPIError:
        return False
    return True


CHECKS = (Check("page", _unreadable, _index_anew),)
