"""Drafts: what an agent was writing survives anything, a merge included, per task and mode."""

from typing import Any

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.cleaning import clean
from pfinbox.store import load as loading
from pfinbox.store import write
from pfinbox.store.rows import DraftRow
from pfinbox.store.uow import UnitOfWork


async def load(uow: UnitOfWork, actor: AgentActor, task_id: int, mode: str) -> DraftRow | None:
    """The agent's draft in this task (0: of a new task), None when there is none.

    Where several tasks with drafts were merged it is the newest; the next one shows when that is
    sent or dropped.
    """
    draft = await loading.comments.draft(uow, actor.id, task_id, mode)
    return draft.row if draft is not None else None


async def save(
    uow: UnitOfWork, actor: AgentActor, task_id: int, mode: str, text: str, choices: dict[str, Any]
) -> None:
    """Keep the text as it is now; an empty one drops the draft."""
    draft = await loading.comments.draft(uow, actor.id, task_id, mode)
    if draft is not None and text.strip():
        await write.comments.change_draft(uow, draft.id, clean(text), choices)
    elif draft is not None:
        await write.comments.drop_draft(uow, draft.id)
    elif text.strip():
        root_id = await loading.tasks.root(uow, task_id)
        await write.comments.add_draft(uow, actor.id, root_id, mode, clean(text), choices)


async def drop(uow: UnitOfWork, actor: AgentActor, task_id: int, mode: str) -> None:
    """Remove the draft that :func:`load` shows."""
    draft = await loading.comments.draft(uow, actor.id, task_id, mode)
    if draft is not None:
        await write.comments.drop_draft(uow, draft.id)
