"""Writing tasks, and who takes part in them."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete

from pfinbox.domain.awaiting_reply import Shown
from pfinbox.domain.model import Who
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def change(uow: UnitOfWork, task_id: int, **values: object) -> None:
    """Set columns of a task."""
    await uow.change(t.task, task_id, **values)
    uow.touch("tasks")


async def show(uow: UnitOfWork, task_id: int, shown: Shown) -> None:
    """What the list shows of the task."""
    await change(uow, task_id, **asdict(shown))


async def answered(uow: UnitOfWork, task_id: int) -> None:
    """Nobody waits in the task any more: a client was answered, or it was closed or snoozed."""
    await change(uow, task_id, waiting_since=None, last_notable_id=0)


async def trash(uow: UnitOfWork, task_id: int, at: datetime, *, spam: bool = False) -> None:
    """The task is in the trash; nobody waits there."""
    values = {"spam": True} if spam else {}
    await change(uow, task_id, deleted_at=at, waiting_since=None, last_notable_id=0, **values)


async def join(uow: UnitOfWork, task_id: int, who: Who, *, let_in: bool = True) -> int:
    """Somebody takes part in the task; the participant's id."""
    column = "agent_id" if who.kind == "agent" else "contact_id"
    return await uow.add(t.participant, task_id=task_id, let_in=let_in, **{column: who.id})


async def dismiss(uow: UnitOfWork, participant_ids: Collection[int]) -> None:
    """These participants are none any more."""
    await uow.connection.execute(
        delete(t.participant).where(t.participant.c.id.in_(participant_ids))
    )
