"""Whether the database file is sound: SQLite's own checks; PostgreSQL keeps its own house."""

from sqlalchemy import text

from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.store.uow import Store


async def check(store: Store) -> None:
    """StoreError names the first thing that is broken."""
    if not store.sqlite:
        return
    async with store.read() as uow:
        found = str(await uow.connection.scalar(text("pragma quick_check(1)")))
        if found != "ok":
            raise StoreError(_("the database is damaged: {detail}").format(detail=found))
        row = (await uow.connection.execute(text("pragma foreign_key_check"))).first()
        if row is not None:
            detail = f"{row[0]} {row[1]} -> {row[2]}"
            raise StoreError(_("the database is damaged: {detail}").format(detail=detail))
