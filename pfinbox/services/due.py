"""Whether something speaks against a delivery whose moment has come (R18)."""

from datetime import timedelta

from sqlalchemy import select

from pfinbox.domain.delivery import State
from pfinbox.domain.reason import Reason
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

LATE_HOURS = 4


async def hold(uow: UnitOfWork, delivery_id: int) -> Reason | None:
    """Why this due delivery must wait for a person, None when it may go."""
    row = (
        await uow.connection.execute(
            select(
                t.delivery.c.state,
                t.delivery.c.due_at,
                t.comment.c.id.label("comment_id"),
                t.comment.c.send_anyway,
                t.task.c.root_id,
                t.agent.c.active.label("author_active"),
                t.chat.c.blocked_at,
            )
            .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
            .outerjoin(t.chat, t.chat.c.id == t.delivery.c.chat_id)
            .where(t.delivery.c.id == delivery_id)
        )
    ).one()
    deleted = await uow.connection.scalar(
        select(t.task.c.deleted_at).where(t.task.c.id == row.root_id)
    )
    if deleted is not None:
        return Reason("task_deleted")
    if row.blocked_at is not None:
        return Reason("contact_blocked")
    if row.state != State.SCHEDULED:
        return None
    if row.author_active is False:
        return Reason("author_deactivated")
    limit = (await snapshots.setting(uow, "inbox") or {}).get("late_limit_hours", LATE_HOURS)
    late = uow.now - row.due_at
    if late > timedelta(hours=limit):
        return Reason("missed_by", {"hours": int(late.total_seconds() // 3600)})
    if row.send_anyway:
        return None
    wrote = await uow.connection.scalar(
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            t.task.c.root_id == row.root_id,
            t.comment.c.direction == "incoming",
            t.comment.c.automatic.is_(False),
            t.comment.c.id > row.comment_id,
        )
        .limit(1)
    )
    return Reason("client_wrote") if wrote is not None else None
