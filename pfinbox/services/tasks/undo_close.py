"""A close or snooze that its agent takes back: the client waits as before (R41)."""

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events import (
    Deleted,
    Event,
    Reopened,
    Restored,
    Snoozed,
    StatusChanged,
    Unsnoozed,
    Woken,
)
from pfinbox.domain.tasks.undo_close import is_slip
from pfinbox.services.tasks import awaiting_reply
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Whatever opens, closes, hides or shows a task again.
_KINDS = tuple(
    event.activity
    for event in (StatusChanged, Reopened, Snoozed, Unsnoozed, Woken, Deleted, Restored)
)


async def undoes(
    uow: UnitOfWork, actor: AgentActor, task_id: int, event: type[Event], *, said_so: bool = False
) -> bool:
    """Whether the last thing that happened to the task is this agent's ``event``, to take back."""
    last = (
        await uow.connection.execute(
            select(t.activity.c.kind, t.activity.c.agent_id, t.activity.c.at)
            .where(t.activity.c.task_id == task_id, t.activity.c.kind.in_(_KINDS))
            .order_by(t.activity.c.id.desc())
            .limit(1)
        )
    ).first()
    if last is None or last.kind != event.activity:
        return False
    return is_slip(last.agent_id, last.at, actor.id, uow.now, said_so=said_so)


async def wait_again(uow: UnitOfWork, task_id: int) -> None:
    """Put the task back among those to answer, and mark as new what was new for everybody."""
    notable = await awaiting_reply.unnoticed(uow, task_id, 0)
    await awaiting_reply.refresh(uow, task_id, notable=notable)
