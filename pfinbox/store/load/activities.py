"""What happened last in a task, as its journal tells."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from pfinbox.domain.events import Event
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Activity:
    """An event as the journal keeps it; ``agent_id``: who did it."""

    kind: str
    args: Mapping[str, Any]
    agent_id: int | None
    at: datetime

    def was(self, event: type[Event]) -> bool:
        return self.kind == event.activity


async def last(uow: UnitOfWork, task_id: int, events: Collection[type[Event]]) -> Activity | None:
    """The last of these events in a task, without those of tasks merged into it."""
    kinds = [event.activity for event in events]
    query = (
        select(t.activity.c.kind, t.activity.c.args, t.activity.c.agent_id, t.activity.c.at)
        .where(t.activity.c.task_id == task_id, t.activity.c.kind.in_(kinds))
        .order_by(t.activity.c.id.desc())
        .limit(1)
    )
    row = (await uow.connection.execute(query)).first()
    return Activity(*row) if row is not None else None
