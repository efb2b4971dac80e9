"""Activities: automatic lines of a task, kind and arguments, only ever added (R21)."""

from typing import Any

from sqlalchemy import insert

from pfinbox.domain.text.cleaning import clean_value
from pfinbox.store import moments
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_ADD = insert(t.activity)


async def record(
    uow: UnitOfWork, task_id: int, kind: str, /, agent_id: int | None = None, **args: Any
) -> None:
    """Add one activity to a task; never sent to a contact, never a sentence."""
    at = await moments.now_in(uow, task_id)
    await uow.connection.execute(
        _ADD,
        {
            "task_id": task_id,
            "kind": kind,
            "args": clean_value(args),
            "at": at,
            "agent_id": agent_id,
        },
    )
