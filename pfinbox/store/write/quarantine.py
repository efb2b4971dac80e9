"""Writing what became of something that was received and not understood, once it is read again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update

from pfinbox.domain.contract.reason import Reason
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt in quarantine, with its bytes and the comment that stands for them."""

    id: int
    account_id: int
    key: str
    raw: bytes
    comment: Row[Any] | None


async def kept(uow: UnitOfWork, receipt_id: int) -> Kept:
    """A receipt in quarantine."""
    row = (
        await uow.connection.execute(
            select(t.receipt).where(
                t.receipt.c.id == receipt_id, t.receipt.c.state == "quarantined"
            )
        )
    ).one()
    comment = await uow.connection.execute(
        select(t.comment).where(t.comment.c.id == row.comment_id)
    )
    return Kept(row.id, row.account_id, row.key, row.raw, comment.first())


async def settle(
    uow: UnitOfWork, kept: Kept, state: str, reason: Reason | None, comment_id: int | None
) -> None:
    """The bytes were read: as ``comment_id``, if they are shown at all."""
    await uow.connection.execute(
        update(t.receipt)
        .where(t.receipt.c.id == kept.id)
        .values(state=state, reason=reason.as_json() if reason else None, comment_id=comment_id)
    )
    was = kept.comment
    if was is None:
        return
    if comment_id is not None:
        await _after(uow, comment_id, was)
    await _drop(uow, was)


async def _after(uow: UnitOfWork, comment_id: int, was: Row[Any]) -> None:
    """What came after it in the same second stands after it: servers tell whole seconds."""
    chat = select(t.comment.c.chat_id).where(t.comment.c.id == comment_id).scalar_subquery()
    await uow.connection.execute(
        update(t.comment)
        .where(
            t.comment.c.chat_id == chat,
            t.comment.c.created_at == was.created_at,
            t.comment.c.id > was.id,
            t.comment.c.id != comment_id,
        )
        .values(created_at=was.created_at + timedelta(milliseconds=1))
    )


async def _drop(uow: UnitOfWork, was: Row[Any]) -> None:
    """Remove the task that stood for the unreadable bytes: it has nothing more to say."""
    others = await uow.connection.scalar(
        select(t.comment.c.id).where(t.comment.c.task_id == was.task_id, t.comment.c.id != was.id)
    )
    if others is None:
        await uow.connection.execute(
            update(t.task)
            .where(t.task.c.id == was.task_id)
            .values(deleted_at=uow.now, purged_at=uow.now, waiting_since=None)
        )
        await uow.connection.execute(delete(t.notice).where(t.notice.c.comment_id == was.id))
    uow.touch("tasks")
