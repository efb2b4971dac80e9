"""Loading what an agent's answer to a notice, by e-mail, is about (R22)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, select

from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@record
class Answered:
    """The comment that the notice told of, and its author."""

    id: int
    task_id: int
    direction: str
    hidden: bool
    agent_id: int | None
    contact_id: int | None
    # Its author has taken it back, or away from everybody who had it.
    gone: bool


async def answered(uow: UnitOfWork, comment_id: int) -> Answered | None:
    """The comment that the notice told of."""
    comment = t.comment.c
    columns = (comment.id, comment.task_id, comment.direction, comment.hidden)
    gone = and_(comment.deleted_at.is_not(None), comment.direction == "outgoing")
    query = select(*columns, comment.agent_id, comment.contact_id, gone).where(
        comment.id == comment_id
    )
    row = (await uow.connection.execute(query)).first()
    return Answered(*row) if row is not None else None


async def named_by(uow: UnitOfWork, references: Collection[str]) -> int | None:
    """The comment of the last notice among these mails, by whichever account it went."""
    found: int | None = await uow.connection.scalar(
        select(t.part.c.comment_id)
        .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
        .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
        .where(t.part.c.source_id.in_(references), t.delivery.c.notice.is_not(None))
        .order_by(t.part.c.id.desc())
        .limit(1)
    )
    return found


async def by_key(uow: UnitOfWork, client_key: str) -> int | None:
    """The comment that the same mail became before."""
    found: int | None = await uow.connection.scalar(
        select(t.comment.c.id).where(t.comment.c.client_key == client_key)
    )
    return found


async def revoked_at(uow: UnitOfWork, agent_id: int) -> datetime | None:
    """When the agent's answer addresses ended."""
    found: datetime | None = await uow.connection.scalar(
        select(t.agent.c.tokens_revoked_at).where(t.agent.c.id == agent_id)
    )
    return found


async def internal_texts(uow: UnitOfWork, root_id: int, up_to: int) -> list[str]:
    """What colleagues said among themselves, as far as the notice may have quoted it."""
    rows = await uow.connection.execute(
        select(t.comment.c.text, t.comment.c.new_text)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.task.c.root_id == root_id, t.comment.c.internal, t.comment.c.id <= up_to)
        .order_by(t.comment.c.created_at.desc(), t.comment.c.id.desc())
        .limit(50)
    )
    return [str(row.new_text or row.text) for row in rows]
