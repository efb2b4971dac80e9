"""What the list shows of tasks, as it is stored."""

from sqlalchemy import select

from pfinbox.domain.awaiting_reply import Shown
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def shown(uow: UnitOfWork) -> dict[int, Shown]:
    """The tasks that lists show, the trash among them, each with what is shown of it."""
    task = t.task.c
    columns = (
        task.waiting_since,
        task.last_notable_id,
        task.last_direction,
        task.last_line,
        task.last_activity_at,
    )
    rows = await uow.connection.execute(
        select(task.id, *columns)
        .where(task.merged_into_id.is_(None), task.purged_at.is_(None))
        .order_by(task.id)
    )
    return {row.id: Shown(*row[1:]) for row in rows.all()}
