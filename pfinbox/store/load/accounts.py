"""What an account's row says: who is awaited, how far it was read."""

from sqlalchemy import select

from pfinbox.domain.people.awaited import Awaited
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def awaited(uow: UnitOfWork) -> dict[int, Awaited]:
    """The accounts whose agents are not all here yet, with those who are missing."""
    rows = await uow.connection.execute(
        select(t.account.c.id, t.account.c.awaits).where(t.account.c.awaits.is_not(None))
    )
    return {row.id: Awaited.from_json(row.awaits) for row in rows if row.awaits}


async def receipt_keys(uow: UnitOfWork, account_id: int, prefix: str) -> frozenset[str]:
    """The keys of the account's receipts that begin with ``prefix``."""
    keys = await uow.connection.scalars(
        select(t.receipt.c.key).where(
            t.receipt.c.account_id == account_id,
            t.receipt.c.key.startswith(prefix, autoescape=True),
        )
    )
    return frozenset(keys)


async def cursor(uow: UnitOfWork, account_id: int) -> str | None:
    """Where receiving goes on; the channel alone knows what it means."""
    value: str | None = await uow.connection.scalar(
        select(t.account.c.cursor).where(t.account.c.id == account_id)
    )
    return value


async def lent(uow: UnitOfWork, account_id: int) -> dict[str, str]:
    """How the keys of chats begin that somebody lends the account, by who lends them."""
    query = select(t.account.c.lent).where(t.account.c.id == account_id)
    return dict((await uow.connection.execute(query)).scalar_one())
