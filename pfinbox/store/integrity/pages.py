"""Whether the database file is sound: SQLite's own checks; PostgreSQL keeps its own house."""

from sqlalchemy import text

from pfinbox.store.sqlite.damage import damaged
from pfinbox.store.uow import Store


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
