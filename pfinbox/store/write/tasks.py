"""Writing tasks, their tags, and who takes part in them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from pfinbox.domain.awaiting_reply import Shown
from pfinbox.domain.model import Who
from pfinbox.domain.tasks.change import Changed
from pfinbox.store import moments
from pfinbox.store import tables as t
from pfinbox.store.roots import members
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def add(uow: UnitOfWork, title: str, *, at: datetime | None = None, **values: object) -> int:
    """Add an open task, created now or ``at``; returns its id."""
    began = at or uow.now
    task_id = await uow.add_root(
        t.task, title=title, active=True, created_at=began, last_activity_at=began, **values
    )
    uow.held_tasks.add(task_id)
    await index.index_task(uow, task_id)
    uow.touch("tasks")
    return task_id


async def change(uow: UnitOfWork, task_id: int, **values: object) -> None:
    """Set columns of a task."""
    await uow.change(t.task, task_id, **values)
    uow.touch("tasks")


async def show(uow: UnitOfWork, task_id: int, shown: Shown) -> None:
    """Write what the list shows of a task."""
    await change(uow, task_id, **asdict(shown))


async def answered(uow: UnitOfWork, task_id: int) -> None:
    """Keep that nobody waits in a task."""
    await change(uow, task_id, waiting_since=None, last_notable_id=0)


async def happened(uow: UnitOfWork, task_id: int, **values: object) -> None:
    """Set columns of a task that is active now."""
    await uow.connection.execute(
        update(t.task)
        .where(t.task.c.id == task_id)
        .values(last_activity_at=moments.active_now(uow), **values)
    )
    uow.touch("tasks")


async def trash(uow: UnitOfWork, task_id: int, at: datetime, *, spam: bool = False) -> None:
    """Put a task into the trash, or into Spam; nobody waits there."""
    values = {"spam": True} if spam else {}
    await change(uow, task_id, deleted_at=at, waiting_since=None, last_notable_id=0, **values)


async def apply(uow: UnitOfWork, root_id: int, changed: Changed) -> None:
    """Write what an agent changed in a root task; merged tasks keep tags of their own."""
    if changed.values:
        await uow.change(t.task, root_id, **changed.values)
    await uow.add_missing(t.tag, [{"task_id": root_id, "name": name} for name in changed.tags])
    if changed.untagged:
        await uow.connection.execute(
            delete(t.tag).where(
                t.tag.c.task_id.in_(members(root_id)), t.tag.c.name.in_(changed.untagged)
            )
        )
    if changed.tags or changed.untagged:
        await index.index_tags(uow, members(root_id))
    for who in changed.joined:
        await join(uow, root_id, who)
    if changed.let_in:
        await uow.connection.execute(
            update(t.participant).where(_among(root_id, changed.let_in)).values(let_in=True)
        )
    if changed.left:
        await uow.connection.execute(delete(t.participant).where(_among(root_id, changed.left)))
    uow.touch("tasks")


def _among(root_id: int, people: Collection[Who]) -> ColumnElement[bool]:
    """The participants of a tree who are these people, by whichever of their cards."""
    ids = [who.id for who in people if who.kind == "contact"]
    cards = select(t.contact.c.id).where(t.contact.c.id.in_(ids) | t.contact.c.root_id.in_(ids))
    return t.participant.c.task_id.in_(members(root_id)) & or_(
        t.participant.c.agent_id.in_([who.id for who in people if who.kind == "agent"]),
        t.participant.c.contact_id.in_(cards),
    )


async def join(uow: UnitOfWork, task_id: int, who: Who, *, let_in: bool = True) -> int:
    """Add a participant; returns the participant's id."""
    column = "agent_id" if who.kind == "agent" else "contact_id"
    return await uow.add(t.participant, task_id=task_id, let_in=let_in, **{column: who.id})


async def dismiss(uow: UnitOfWork, participant_ids: Collection[int]) -> None:
    """Remove participants."""
    await uow.connection.execute(
        delete(t.participant).where(t.participant.c.id.in_(participant_ids))
    )


async def close_all(uow: UnitOfWork, statuses: Collection[str]) -> None:
    """Finish the tasks of statuses that are inactive now."""
    await uow.connection.execute(
        update(t.task)
        .where(t.task.c.status.in_(statuses), t.task.c.active)
        .values(
            active=False,
            closed_at=func.coalesce(t.task.c.closed_at, uow.now),
            snoozed_until=None,
            waiting_since=None,
            last_notable_id=0,
        )
    )


async def open_all(uow: UnitOfWork, statuses: Collection[str]) -> list[str]:
    """Open the tasks of statuses that are active now; returns the statuses of such tasks."""
    opened = await uow.connection.scalars(
        update(t.task)
        .where(t.task.c.status.in_(statuses), t.task.c.active.is_(False))
        .values(active=True, closed_at=None)
        .returning(t.task.c.status)
    )
    return sorted(set(opened))


async def set_statuses(uow: UnitOfWork, statuses: Sequence[tuple[str, bool]]) -> None:
    """Replace the statuses; each is given with whether it is active."""
    await uow.connection.execute(delete(t.status))
    rows = [
        {"name": name, "position": position, "active": active}
        for position, (name, active) in enumerate(statuses)
    ]
    await uow.connection.execute(insert(t.status), rows)
