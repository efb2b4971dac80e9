"""Activities: automatic lines of a task, kind and arguments, only ever added (R21)."""

from sqlalchemy import insert

from pfinbox.domain.events.event import Event
from pfinbox.domain.text.cleaning import clean_value
from pfinbox.store import moments
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_ADD = insert(t.activity)


async def record(uow: UnitOfWork, task_id: int, event: Event, by: int | None = None) -> None:
    """Add what happened to a task's journal; ``by``: the agent who did it.

    Never sent to a contact, never a sentence.
    """
    at = await moments.now_in(uow, task_id)
    await uow.connection.execute(
        _ADD,
        {
            "task_id": task_id,
            "kind": event.activity,
            "args": clean_value(event.args()),
            "at": at,
            "agent_id": by,
        },
    )
