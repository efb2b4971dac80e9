"""Writing comments and drafts of them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def move(uow: UnitOfWork, tasks: Mapping[int, int]) -> None:
    """Each of these comments stands in that task now."""
    for comment_id, task_id in tasks.items():
        await uow.change(t.comment, comment_id, task_id=task_id)


async def add_draft(
    uow: UnitOfWork, agent_id: int, task_id: int, mode: str, text: str, choices: dict[str, Any]
) -> None:
    """A new draft of the agent."""
    values = {"text": text, "choices": choices, "updated_at": uow.now}
    await uow.add(t.draft, agent_id=agent_id, task_id=task_id, mode=mode, **values)
    uow.touch("drafts")


async def change_draft(uow: UnitOfWork, draft_id: int, text: str, choices: dict[str, Any]) -> None:
    """The draft as it is now."""
    await uow.change(t.draft, draft_id, text=text, choices=choices, updated_at=uow.now)
    uow.touch("drafts")


async def drop_draft(uow: UnitOfWork, draft_id: int) -> None:
    """The draft is no more."""
    await uow.connection.execute(delete(t.draft).where(t.draft.c.id == draft_id))
    uow.touch("drafts")
