"""What rules look at in tasks besides the snapshot of a root."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from pfinbox.domain.events.event import Activity, Event
from pfinbox.domain.merging.chain import Link
from pfinbox.domain.merging.joining import Client, Terms
from pfinbox.domain.model import Task
from pfinbox.domain.tasks.reclassifying import OpenTask
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.roots import is_open
from pfinbox.store.uow import UnitOfWork


async def root(uow: UnitOfWork, task_id: int) -> int:
    """The number that a task goes by; its own where there is none such, as for a new task."""
    found = await uow.connection.scalar(select(t.task.c.root_id).where(t.task.c.id == task_id))
    return int(found) if found is not None else task_id


async def merged_into(uow: UnitOfWork, task_ids: Collection[int]) -> dict[int, int | None]:
    """The task that each of these was merged into; None for a root. Purged ones are left out."""
    rows = await uow.connection.execute(
        select(t.task.c.id, t.task.c.merged_into_id).where(
            t.task.c.id.in_(task_ids), t.task.c.purged_at.is_(None)
        )
    )
    return {row.id: row.merged_into_id for row in rows}


async def trashed(uow: UnitOfWork, task_ids: Collection[int]) -> set[int]:
    """Those of these tasks that are in the trash, or purged."""
    gone = or_(t.task.c.deleted_at.is_not(None), t.task.c.purged_at.is_not(None))
    query = select(t.task.c.id).where(t.task.c.id.in_(task_ids), gone)
    return set(await uow.connection.scalars(query))


async def statuses_in_use(uow: UnitOfWork) -> set[str]:
    """The statuses that tasks have."""
    query = select(t.task.c.status).where(t.task.c.purged_at.is_(None)).distinct()
    return set(await uow.connection.scalars(query))


async def own(uow: UnitOfWork, task_id: int) -> Task:
    """A task as it would be if it were merged into no other one; without its chats and people."""
    query = select(t.task).where(t.task.c.id == task_id, t.task.c.purged_at.is_(None))
    row = (await uow.connection.execute(query)).first()
    if row is None:
        raise NotFound(_("there is no task #{id}").format(id=task_id))
    return snapshots.task_of(row, (None, None))


async def terms(uow: UnitOfWork, task_ids: Collection[int]) -> dict[int, Terms]:
    """What each task itself is under."""
    rows = await uow.connection.execute(
        select(t.task.c.id, t.task.c.contact_id, t.task.c.account_id, t.task.c.private_to_id).where(
            t.task.c.id.in_(task_ids)
        )
    )
    return {row.id: Terms(row.contact_id, row.account_id, row.private_to_id) for row in rows}


async def clients(uow: UnitOfWork, root_id: int) -> list[Client]:
    """The clients of the tasks that were merged into a root."""
    rows = await uow.connection.execute(
        select(t.task.c.id, t.task.c.contact_id, t.contact.c.root_id)
        .join(t.contact, t.contact.c.id == t.task.c.contact_id)
        .where(t.task.c.root_id == root_id, t.task.c.id != root_id)
        .order_by(t.task.c.id)
    )
    return [Client(row.id, row.contact_id, row.root_id) for row in rows]


async def chain(uow: UnitOfWork, root_id: int) -> dict[int, Link]:
    """The tasks before a root, merged ones included, in one statement (R8)."""
    rows = await uow.connection.execute(_chain(), {"root_id": root_id})
    return {row.id: Link(*row) for row in rows}


@cache
def _chain() -> Select[Any]:
    columns = (t.task.c.id, t.task.c.root_id, t.task.c.previous_task_id)
    first = select(*columns).where(t.task.c.root_id == bindparam("root_id"))
    line = first.cte("line", recursive=True)
    further = select(*columns).where(
        or_(t.task.c.id == line.c.previous_task_id, t.task.c.id == line.c.root_id)
    )
    return select(line.union(further))


async def of_cards(uow: UnitOfWork, card_ids: Collection[int]) -> list[int]:
    """The roots of the tasks of these cards, those in the trash included, purged ones not."""
    root = t.task.alias("root")
    rows = await uow.connection.scalars(
        select(root.c.id)
        .join(t.task, t.task.c.root_id == root.c.id)
        .where(t.task.c.contact_id.in_(card_ids), root.c.purged_at.is_(None))
        .distinct()
        .order_by(root.c.id)
    )
    return list(rows)


async def last_event(
    uow: UnitOfWork, task_id: int, events: Collection[type[Event]]
) -> Activity | None:
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


async def sharing_chats(uow: UnitOfWork, statuses: Collection[str]) -> list[OpenTask]:
    """The open roots that have a chat of a root with one of these statuses."""
    root, other = t.task.alias("root"), t.binding.alias("other")
    member, named = t.task.alias("member"), t.task.alias("named")
    chats = (
        select(other.c.chat_id)
        .join(member, member.c.id == other.c.task_id)
        .join(named, named.c.id == member.c.root_id)
        .where(named.c.status.in_(statuses))
    )
    rows = await uow.connection.execute(
        select(t.binding.c.chat_id, root.c.id, t.binding.c.current)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .join(root, root.c.id == t.task.c.root_id)
        .where(
            t.binding.c.chat_id.in_(chats),
            is_open(root),
        )
        .order_by(t.binding.c.id)
    )
    return [OpenTask(*row) for row in rows]
