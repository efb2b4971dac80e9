"""When a comment was said, by a clock that may be wrong.

Comments stand in the order of ``created_at``, then of their ids. A clock that was set back must
not put what is new before what is there: in a conversation, time does not run backwards.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import case, func, literal, select

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def said_at(uow: UnitOfWork, root_id: int, at: datetime | None = None) -> datetime:
    """The ``created_at`` of a new comment in a task: ``at``, never later than storing it.

    ``at`` is the other side's own date, None for what is written here and now. Storing is now, but
    not before the newest comment there, even if our clock says so.
    """
    if at is not None and at <= uow.now:
        return at
    newest = await uow.connection.scalar(
        select(func.max(t.comment.c.created_at))
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.task.c.root_id == root_id)
    )
    stored = max(uow.now, newest) if newest is not None else uow.now
    return stored if at is None else min(at, stored)


def active_now(uow: UnitOfWork) -> Any:
    """The ``last_activity_at`` of a task in which something happens now: it never goes back."""
    was = t.task.c.last_activity_at
    return case((was > uow.now, was), else_=literal(uow.now, t.task.c.last_activity_at.type))
