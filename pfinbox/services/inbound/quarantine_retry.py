"""What could not be read is read again by the daemon, whose channels can, when a person asks.

A screen knows no channel; it leaves its wish at the receipt, and the outcome shows there too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from pfinbox.domain.actor import AgentActor, SystemActor
from pfinbox.domain.contract.envelope import Incoming, Unreadable
from pfinbox.domain.contract.reason import Reason
from pfinbox.services.inbound import receiving
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt in quarantine, with its bytes as they were received."""

    id: int
    account_id: int
    key: str
    raw: bytes


async def ask(uow: UnitOfWork, actor: AgentActor, receipt_ids: Sequence[int]) -> None:
    """Let the daemon read these again; NotFound where one is not this agent's to see."""
    for receipt_id in receipt_ids:
        await read.quarantine_item(uow, actor, receipt_id)
    await uow.connection.execute(
        update(t.receipt).where(t.receipt.c.id.in_(receipt_ids)).values(reread_asked_at=uow.now)
    )
    uow.touch("accounts")


async def next_asked(uow: UnitOfWork, lease_id: int, account_ids: Collection[int]) -> Kept | None:
    """The next one asked for, of these accounts where the daemon holds them still."""
    query = (
        select(t.receipt.c.id, t.receipt.c.account_id, t.receipt.c.key, t.receipt.c.raw)
        .join(t.account, t.account.c.id == t.receipt.c.account_id)
        .where(
            t.receipt.c.state == "quarantined",
            t.receipt.c.reread_asked_at.is_not(None),
            t.account.c.id.in_(account_ids),
            t.account.c.lease_id == lease_id,
        )
        # What a person waits for, then what waits since it came: small ones take less time.
        .order_by(
            t.receipt.c.reread_asked_at == t.receipt.c.received_at, t.receipt.c.size, t.receipt.c.id
        )
        .limit(1)
    )
    row = (await uow.connection.execute(query)).first()
    return Kept(row.id, row.account_id, row.key, bytes(row.raw)) if row is not None else None


async def read_again(uow: UnitOfWork, receipt_id: int, incoming: Incoming) -> int | None:
    """``incoming`` is what the bytes mean now; the comment's id where they mean something."""
    held = await uow.connection.scalar(
        select(t.receipt.c.id).where(
            t.receipt.c.id == receipt_id, t.receipt.c.state == "quarantined"
        )
    )
    if held is None:
        return None  # by the command line, meanwhile
    if isinstance(incoming.event, Unreadable):
        await still_unreadable(uow, receipt_id, incoming.event.reason)
        return None
    comment_id = await receiving.reprocess(
        uow, SystemActor("reread"), receipt_id, lambda _key, _raw: incoming
    )
    await _over(uow, receipt_id)
    return comment_id


async def still_unreadable(uow: UnitOfWork, receipt_id: int, reason: Reason) -> None:
    """It stays, with why and when it was tried."""
    held = t.receipt.c.id == receipt_id
    await uow.connection.execute(update(t.receipt).where(held).values(reason=reason.as_json()))
    await uow.connection.execute(
        update(t.comment)
        .where(t.comment.c.id == select(t.receipt.c.comment_id).where(held).scalar_subquery())
        .values(warnings=[reason.as_json()])
    )
    uow.touch("tasks")
    await _over(uow, receipt_id)


async def _over(uow: UnitOfWork, receipt_id: int) -> None:
    await uow.connection.execute(
        update(t.receipt)
        .where(t.receipt.c.id == receipt_id)
        .values(reread_asked_at=None, reread_at=uow.now)
    )
    uow.touch("accounts")
