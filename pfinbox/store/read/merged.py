"""What was merged into a task (R32, R33)."""

from sqlalchemy import select

from pfinbox.store import tables as t
from pfinbox.store.read.visibility import viewer, visible_root
from pfinbox.store.uow import UnitOfWork


async def merged_into(uow: UnitOfWork, agent_id: int, task_id: int) -> tuple[tuple[int, str], ...]:
    """Numbers and titles of the tasks inside the conversation ``task_id``, the last one first."""
    root = await visible_root(uow, await viewer(uow, agent_id), task_id)
    rows = await uow.connection.execute(
        select(t.task.c.id, t.task.c.title)
        .where(t.task.c.root_id == root, t.task.c.id != root, t.task.c.purged_at.is_(None))
        .order_by(t.task.c.id.desc())
    )
    return tuple((row.id, row.title) for row in rows)


async def cards_within(uow: UnitOfWork, contact_id: int) -> tuple[tuple[int, str], ...]:
    """Numbers and names of the cards merged into ``contact_id``, the last one first (R26)."""
    asked = t.contact.alias("asked")
    rows = await uow.connection.execute(
        select(t.contact.c.id, t.contact.c.name)
        .join(asked, asked.c.root_id == t.contact.c.root_id)
        .where(asked.c.id == contact_id, t.contact.c.id != t.contact.c.root_id)
        .order_by(t.contact.c.id.desc())
    )
    return tuple((row.id, row.name) for row in rows)
