"""Loading what was received and not understood."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, bindparam, select

from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@record
class Kept:
    """A receipt in quarantine, with its bytes as they were received."""

    id: int
    account_id: int
    key: str
    raw: bytes
    # The comment that stands for the bytes.
    comment: Row[Any] | None = None


_KEPT = select(
    t.receipt.c.id, t.receipt.c.account_id, t.receipt.c.key, t.receipt.c.raw, t.receipt.c.comment_id
).where(t.receipt.c.state == "quarantined")


async def kept(uow: UnitOfWork, receipt_id: int) -> Kept | None:
    """A receipt, if it is in quarantine still."""
    row = (await uow.connection.execute(_KEPT.where(t.receipt.c.id == receipt_id))).first()
    if row is None:
        return None
    comment = await uow.connection.execute(
        select(t.comment).where(t.comment.c.id == row.comment_id)
    )
    return Kept(row.id, row.account_id, row.key, row.raw, comment.first())


_NEXT_ASKED: Any = (
    _KEPT.join(t.account, t.account.c.id == t.receipt.c.account_id)
    .where(
        t.receipt.c.reread_asked_at.is_not(None),
        t.account.c.id.in_(bindparam("account_ids", expanding=True)),
        t.account.c.lease_id == bindparam("lease_id"),
    )
    # What a person waits for, then what waits since it came: small ones take less time.
    .order_by(
        t.receipt.c.reread_asked_at == t.receipt.c.received_at, t.receipt.c.size, t.receipt.c.id
    )
    .limit(1)
)


async def next_asked(uow: UnitOfWork, lease_id: int, account_ids: Collection[int]) -> Kept | None:
    """The next one asked for, of these accounts where the daemon holds them still."""
    values = {"lease_id": lease_id, "account_ids": list(account_ids)}
    row = (await uow.connection.execute(_NEXT_ASKED, values)).first()
    return Kept(row.id, row.account_id, row.key, bytes(row.raw)) if row is not None else None
