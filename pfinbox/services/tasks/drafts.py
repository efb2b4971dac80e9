"""Drafts: what an agent was writing survives anything, a merge included, per task and mode."""

from typing import Any

from sqlalchemy import Row, delete, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.cleaning import clean
from pfinbox.store import tables as t
from pfinbox.store.rows import DraftRow
from pfinbox.store.uow import UnitOfWork


async def load(uow: UnitOfWork, actor: AgentActor, task_id: int, mode: str) -> DraftRow | None:
    """The agent's draft in this task (0: of a new task), None when there is none.

    Where several tasks with drafts were merged it is the newest; the next one shows when that is
    sent or dropped.
    """
    row = await _newest(uow, actor, await _root(uow, task_id), mode)
    if row is None:
        return None
    return DraftRow(await _root(uow, task_id), row.mode, row.text, row.choices, row.updated_at)


async def save(
    uow: UnitOfWork, actor: AgentActor, task_id: int, mode: str, text: str, choices: dict[str, Any]
) -> None:
    """Keep the text as it is now; an empty one drops the draft."""
    root = await _root(uow, task_id)
    row = await _newest(uow, actor, root, mode)
    values = {"text": clean(text), "choices": choices, "updated_at": uow.now}
    if not text.strip():
        await drop(uow, actor, task_id, mode)
    elif row is None:
        await uow.add(t.draft, agent_id=actor.id, task_id=root, mode=mode, **values)
    else:
        await uow.connection.execute(update(t.draft).where(t.draft.c.id == row.id).values(**values))
    uow.touch("drafts")


async def drop(uow: UnitOfWork, actor: AgentActor, task_id: int, mode: str) -> None:
    """Remove the draft that :func:`load` shows."""
    row = await _newest(uow, actor, await _root(uow, task_id), mode)
    if row is not None:
        await uow.connection.execute(delete(t.draft).where(t.draft.c.id == row.id))


async def _root(uow: UnitOfWork, task_id: int) -> int:
    found = await uow.connection.scalar(select(t.task.c.root_id).where(t.task.c.id == task_id))
    return int(found) if found is not None else task_id


async def _newest(uow: UnitOfWork, actor: AgentActor, root_id: int, mode: str) -> Row[Any] | None:
    members = select(t.task.c.id).where(t.task.c.root_id == root_id)
    mine = t.draft.c.task_id.in_(members) if root_id else t.draft.c.task_id == 0
    return (
        await uow.connection.execute(
            select(t.draft)
            .where(t.draft.c.agent_id == actor.id, t.draft.c.mode == mode, mine)
            .order_by(t.draft.c.updated_at.desc(), t.draft.c.id.desc())
            .limit(1)
        )
    ).first()
