"""Which task takes a chat's messages, changed by hand: never two open tasks for one chat (R4)."""

from collections.abc import Collection

from sqlalchemy import select, update

from pfinbox.domain.model import Task
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def currents(uow: UnitOfWork, chat_ids: Collection[int]) -> dict[int, bool]:
    """All bindings of these chats, and which of them are current."""
    rows = await uow.connection.execute(
        select(t.binding.c.id, t.binding.c.current)
        .where(t.binding.c.chat_id.in_(chat_ids))
        .order_by(t.binding.c.id)
    )
    return {row.id: row.current for row in rows}


async def is_open(uow: UnitOfWork, root_id: int) -> bool:
    """Whether a root is active and living; a purged one is neither, and no error."""
    found = await uow.connection.scalar(
        select(t.task.c.id).where(
            t.task.c.id == root_id,
            t.task.c.active,
            t.task.c.deleted_at.is_(None),
            t.task.c.purged_at.is_(None),
        )
    )
    return found is not None


async def rival(uow: UnitOfWork, task: Task) -> int | None:
    """Another open task that has one of the task's chats now: the two cannot both be open (R4)."""
    rows = await uow.connection.scalars(
        select(t.task.c.root_id)
        .join(t.binding, t.binding.c.task_id == t.task.c.id)
        .where(
            t.binding.c.current,
            t.binding.c.chat_id.in_([chat.id for chat in task.chats if not chat.aside]),
            t.task.c.root_id != task.id,
        )
        .order_by(t.binding.c.id)
    )
    for root in rows.all():
        if await is_open(uow, root):
            return int(root)
    return None


async def take_chats_back(uow: UnitOfWork, task: Task, agent_id: int | None = None) -> None:
    """Make ``task``, about to be open, take its chats' messages again; ``agent_id``: who does it.

    Refused when one of them is current on another open task: the two are to be merged, or, as what
    is in the trash cannot be, that one is to be finished first. A chat that the task only answered
    by once stays with that other task.
    """
    for chat in task.chats:
        query = select(t.chat.c.id).where(t.chat.c.id == chat.id)
        if not uow.sqlite:
            query = query.with_for_update()
        await uow.connection.execute(query)
        row = (
            await uow.connection.execute(
                select(t.binding.c.id, t.task.c.root_id)
                .join(t.task, t.task.c.id == t.binding.c.task_id)
                .where(t.binding.c.chat_id == chat.id, t.binding.c.current)
            )
        ).first()
        if row is not None and row.root_id == task.id:
            continue
        if row is not None:
            if await is_open(uow, row.root_id):
                if chat.aside:
                    continue
                words = (
                    _("its chat goes on in task #{other}; merge the two instead")
                    if task.living
                    # A task in the trash cannot be merged.
                    else _("its chat goes on in task #{other}; finish that one first")
                )
                raise await access.goes_on(uow, agent_id, row.root_id, words)
            await uow.connection.execute(
                update(t.binding).where(t.binding.c.id == row.id).values(current=False)
            )
        mine = await uow.connection.scalar(
            select(t.binding.c.id)
            .join(t.task, t.task.c.id == t.binding.c.task_id)
            .where(t.binding.c.chat_id == chat.id, t.task.c.root_id == task.id)
            .order_by(t.binding.c.id.desc())
            .limit(1)
        )
        await uow.connection.execute(
            update(t.binding).where(t.binding.c.id == mine).values(current=True)
        )
