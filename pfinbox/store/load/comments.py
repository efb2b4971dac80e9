"""Comments, with what the rules about writing and correcting them look at."""

from sqlalchemy import select

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def task_of(
    uow: UnitOfWork, *, comment_id: int | None = None, delivery_id: int | None = None
) -> int | None:
    """The task in which a comment, or the comment that a delivery carries, was written."""
    query = select(t.comment.c.task_id)
    if delivery_id is not None:
        query = query.join(t.delivery, t.delivery.c.comment_id == t.comment.c.id).where(
            t.delivery.c.id == delivery_id
        )
    else:
        query = query.where(t.comment.c.id == comment_id)
    found: int | None = await uow.connection.scalar(query)
    return found
