"""Writing received comments one by one, and what the other side changes in them (R11)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import update

from pfinbox.domain.inbound.message_events import Edited, Target
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def add(uow: UnitOfWork, **values: object) -> int:
    """Add a comment; returns its id."""
    return await uow.add(t.comment, **values)


async def change(uow: UnitOfWork, comment_id: int, **values: object) -> None:
    """Set columns of a comment."""
    await uow.change(t.comment, comment_id, **values)


async def edit(uow: UnitOfWork, comment: Target, edited: Edited, at: datetime) -> None:
    """Write a client's edit; its new files are attached already."""
    if edited.text is not None:
        await uow.add(t.comment_edit, comment_id=comment.id, text=comment.text, at=at)
    values: dict[str, object] = {}
    if edited.anything:
        text = comment.text if edited.text is None else edited.text
        values = {"text": text, "new_text": None, "edited_at": at}
    if edited.warnings is not None:
        values["warnings"] = list(edited.warnings)
    if values:
        await uow.change(t.comment, comment.id, **values)
        uow.touch("tasks")


async def mark_deleted(uow: UnitOfWork, comment_ids: Collection[int], at: datetime) -> None:
    """Mark comments that the other side deleted."""
    await uow.connection.execute(
        update(t.comment).where(t.comment.c.id.in_(comment_ids)).values(deleted_at=at)
    )
    uow.touch("tasks")


async def react(uow: UnitOfWork, comment_id: int, signs: list[dict[str, Any]] | None) -> None:
    """Replace the signs at a comment."""
    await uow.change(t.comment, comment_id, reactions=signs)
    uow.touch("tasks")
