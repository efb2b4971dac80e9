"""Where something happened: what the contact wrote, and what open pages look at again."""

from datetime import datetime

from sqlalchemy import select

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def landed(uow: UnitOfWork, account_id: int, key: str) -> int | None:
    """The root of the task in which what has this receipt landed."""
    found: int | None = await uow.connection.scalar(
        select(t.task.c.root_id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .join(t.receipt, t.receipt.c.comment_id == t.comment.c.id)
        .where(t.receipt.c.account_id == account_id, t.receipt.c.key == key)
    )
    return found


async def active_since(uow: UnitOfWork, moment: datetime) -> set[int]:
    """The living tasks in which something happened since then."""
    return set(
        await uow.connection.scalars(
            select(t.task.c.root_id).where(
                t.task.c.last_activity_at >= moment, t.task.c.deleted_at.is_(None)
            )
        )
    )
