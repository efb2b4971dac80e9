"""What the list shows of tasks, as it is stored."""

from sqlalchemy import or_, select

from pfinbox.domain.awaiting_reply import Shown
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def shown(uow: UnitOfWork) -> dict[int, Shown]:
    """The tasks that somebody works on or waits in, each with what the list shows of it.

    Of the finished ones, which may be a million, nothing else decides where they stand.
    """
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
        .where(
            task.merged_into_id.is_(None),
            task.purged_at.is_(None),
            or_(task.active, task.waiting_since.is_not(None), task.last_notable_id > 0),
        )
        .order_by(task.id)
    )
    return {row.id: Shown(*row[1:]) for row in rows.all()}
