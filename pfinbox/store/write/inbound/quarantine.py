"""Writing what became of a quarantined receipt that was read again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update

from pfinbox.domain.contract.reason import Reason
from pfinbox.store import tables as t
from pfinbox.store.load.inbound.quarantine import Kept
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def settle(
    uow: UnitOfWork, kept: Kept, state: str, reason: Reason | None, comment_id: int | None
) -> None:
    """Take a receipt out of quarantine; ``comment_id``: the comment that shows it now."""
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
    """Keep the order of comments of the same second: servers tell whole seconds."""
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
    """Remove the task that stood for the unreadable bytes, if nothing else is in it."""
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
        await index.forget_task(uow, was.task_id)
    uow.touch("tasks")


async def ask(uow: UnitOfWork, receipt_ids: Sequence[int]) -> None:
    """Mark receipts that a person wants to be read again."""
    await uow.connection.execute(
        update(t.receipt).where(t.receipt.c.id.in_(receipt_ids)).values(reread_asked_at=uow.now)
    )
    uow.touch("accounts")


async def still_unreadable(uow: UnitOfWork, receipt_id: int, reason: Reason) -> None:
    """Keep why a receipt is still unreadable, also at its comment."""
    held = t.receipt.c.id == receipt_id
    await uow.change(t.receipt, receipt_id, reason=reason.as_json())
    await uow.connection.execute(
        update(t.comment)
        .where(t.comment.c.id == select(t.receipt.c.comment_id).where(held).scalar_subquery())
        .values(warnings=[reason.as_json()])
    )
    uow.touch("tasks")


async def tried(uow: UnitOfWork, receipt_id: int) -> None:
    """Mark a receipt as read again."""
    await uow.change(t.receipt, receipt_id, reread_asked_at=None, reread_at=uow.now)
    uow.touch("accounts")
