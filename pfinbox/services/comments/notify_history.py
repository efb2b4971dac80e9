"""Who wrote each comment of a task and whom it notified, for the notify picker (R14)."""

from sqlalchemy import select

from pfinbox.domain.model import Who
from pfinbox.domain.recipients.picker import Said
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def history(uow: UnitOfWork, task_id: int) -> dict[int, Said]:
    """The comments of a task with authors and notified people, oldest first."""
    rows = (
        await uow.connection.execute(
            select(t.comment.c.id, t.comment.c.agent_id, t.contact.c.root_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
            .where(t.task.c.root_id == task_id)
            .order_by(t.comment.c.created_at, t.comment.c.id)
        )
    ).all()
    notified = await uow.connection.execute(
        select(t.notify.c.comment_id, t.notify.c.agent_id, t.contact.c.root_id)
        .outerjoin(t.contact, t.contact.c.id == t.notify.c.contact_id)
        .where(t.notify.c.comment_id.in_([row.id for row in rows]))
        .order_by(t.notify.c.id)
    )
    who: dict[int, list[Who]] = {}
    for row in notified:
        one = Who("agent", row.agent_id) if row.agent_id else Who("contact", row.root_id)
        who.setdefault(row.comment_id, []).append(one)
    return {
        row.id: Said(
            Who("agent", row.agent_id) if row.agent_id else Who("contact", row.root_id or 0),
            tuple(who.get(row.id, ())),
        )
        for row in rows
    }
