"""When something was said or done in a task, by a clock that may be wrong.

Comments stand in the order of ``created_at``, then of their ids, automatic lines between them. A
clock that was set back must not put what is new before what is there: in a conversation, time does
not run backwards.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, literal, select

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_NEXT = timedelta(microseconds=1)


async def now_in(uow: UnitOfWork, task_id: int) -> datetime:
    """Now; but after all that happened in the task, even if our clock says something else."""
    row = (await uow.connection.execute(_latest(), {"id": task_id})).first()
    latest: list[datetime] = [at for at in row or () if at is not None and at > uow.now]
    return max(latest) + _NEXT if latest else uow.now


async def said_at(uow: UnitOfWork, task_id: int, at: datetime) -> datetime:
    """The ``created_at`` of what the other side dates ``at``: never later than storing it."""
    return at if at <= uow.now else min(at, await now_in(uow, task_id))


def active_now(uow: UnitOfWork) -> Any:
    """The ``last_activity_at`` of a task in which something happens now: it never goes back."""
    was = t.task.c.last_activity_at
    return case((was > uow.now, was), else_=literal(uow.now, t.task.c.last_activity_at.type))


@cache
def _latest() -> Select[Any]:
    own, root, one = t.task.alias("own"), t.task.alias("root"), t.task.alias("one")
    lines = (
        select(func.max(t.activity.c.at))
        .join(one, one.c.id == t.activity.c.task_id)
        .where(one.c.root_id == root.c.id)
        .correlate(root)
        .scalar_subquery()
    )
    # No comment is later than the last activity that its task shows.
    return (
        select(root.c.last_activity_at, lines)
        .join(own, own.c.root_id == root.c.id)
        .where(own.c.id == bindparam("id"))
    )
