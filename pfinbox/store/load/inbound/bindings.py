"""Loading by which bindings blocked and finished chats go on (R4, R42)."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, select

from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Binding
from pfinbox.store import tables as t
from pfinbox.store.load.inbound.chats import whole_tasks
from pfinbox.store.roots import is_open
from pfinbox.store.uow import UnitOfWork


async def spam_tasks(uow: UnitOfWork, ws: WorkingSet) -> None:
    """The tasks that take what blocked chats send (R42), wherever else the chats are bound."""
    rows = await uow.connection.execute(
        select(t.binding.c.chat_id, t.task.c.id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .where(
            t.binding.c.chat_id.in_(ws.chats),
            t.task.c.spam,
            t.task.c.root_id == t.task.c.id,
            t.task.c.purged_at.is_(None),
        )
        .order_by(t.task.c.id)
    )
    ws.spam_tasks = {row.chat_id: row.id for row in rows}
    roots = set(ws.spam_tasks.values()) - ws.tasks.keys()
    if roots and not uow.sqlite:
        locking = select(t.task.c.id).where(t.task.c.id.in_(roots)).order_by(t.task.c.id)
        await uow.connection.execute(locking.with_for_update())
    await whole_tasks(uow, ws, roots)


async def bindings(uow: UnitOfWork, ws: WorkingSet, root_ids: Collection[int]) -> None:
    """Every chat of these tasks, and which task has each of them now (R4)."""
    rows = (await uow.connection.execute(_bindings(), {"roots": list(root_ids)})).all()
    used_here = {(row.root_id, row.chat_id) for row in rows if not row.aside}
    for row in rows:
        aside = (row.root_id, row.chat_id) not in used_here
        current = row.id == row.now_id
        binding = Binding(row.id, row.chat_id, row.task_id, row.root_id, current, aside)
        ws.bindings.setdefault(row.root_id, []).append(binding)
        if row.now_id is not None and row.chat_id not in ws.serving:
            ws.serving[row.chat_id] = Binding(
                row.now_id, row.chat_id, row.taking_id, row.taking_root, current=True
            )
    ws.open_elsewhere = frozenset(row.open_id for row in rows if row.open_id is not None)


@cache
def _bindings() -> Select[Any]:
    other, now = t.binding.alias(), t.binding.alias()
    own, taking, open_task = t.task.alias(), t.task.alias(), t.task.alias()
    used = exists().where(
        t.comment.c.chat_id == other.c.chat_id,
        t.comment.c.task_id == other.c.task_id,
        t.comment.c.direction == "incoming",
    )
    return (
        select(
            other.c.id,
            other.c.chat_id,
            other.c.task_id,
            own.c.root_id,
            and_(other.c.aside, ~used).label("aside"),
            now.c.id.label("now_id"),
            taking.c.id.label("taking_id"),
            taking.c.root_id.label("taking_root"),
            open_task.c.id.label("open_id"),
        )
        .join(own, own.c.id == other.c.task_id)
        .outerjoin(now, and_(now.c.chat_id == other.c.chat_id, now.c.current))
        .outerjoin(taking, taking.c.id == now.c.task_id)
        .outerjoin(open_task, and_(open_task.c.id == taking.c.root_id, is_open(open_task)))
        .where(own.c.root_id.in_(bindparam("roots", expanding=True)))
        .order_by(other.c.id)
    )
