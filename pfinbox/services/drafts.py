"""Drafts: what an agent was writing survives anything, per task and mode."""

from typing import Any

from sqlalchemy import delete, select

from pfinbox.domain.text import clean
from pfinbox.store import tables as t
from pfinbox.store.rows import DraftRow
from pfinbox.store.uow import UnitOfWork


async def load(uow: UnitOfWork, agent_id: int, task_id: int, mode: str) -> DraftRow | None:
    """The agent's draft in this task (0: of a new task), None when there is none."""
    row = (
        await uow.connection.execute(select(t.draft).where(_one(agent_id, task_id, mode)))
    ).first()
    if row is None:
        return None
    return DraftRow(row.task_id, row.mode, row.text, row.choices, row.updated_at)


async def save(
    uow: UnitOfWork, agent_id: int, task_id: int, mode: str, text: str, choices: dict[str, Any]
) -> None:
    """Keep the text as it is now; an empty one drops the draft."""
    await uow.connection.execute(delete(t.draft).where(_one(agent_id, task_id, mode)))
    if text.strip():
        await uow.add(
            t.draft,
            agent_id=agent_id,
            task_id=task_id,
            mode=mode,
            text=clean(text),
            choices=choices,
            updated_at=uow.now,
        )
    uow.touch("drafts")


def _one(agent_id: int, task_id: int, mode: str) -> Any:
    return (
        (t.draft.c.agent_id == agent_id) & (t.draft.c.task_id == task_id) & (t.draft.c.mode == mode)
    )
