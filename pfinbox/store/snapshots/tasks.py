"""A task with its chats and participants, resolved through merges."""

from typing import Any

from sqlalchemy import Row, bindparam, select

from pfinbox.domain.model import Chat, Task, Who
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import locks
from pfinbox.store import tables as t
from pfinbox.store.snapshots.people import chat_of
from pfinbox.store.task_statements import BOUND, ROOT_BY_CHAT, ROOT_BY_ID
from pfinbox.store.uow import UnitOfWork

# Read by nearly every use case, so they are put together once.
_TASK_ROOT = select(t.task.c.root_id).where(
    t.task.c.id == bindparam("id"), t.task.c.purged_at.is_(None)
)


async def task_root(uow: UnitOfWork, task_id: int) -> int:
    """A merged task answers to its old number everywhere: the id that reads and writes use."""
    root = await uow.connection.scalar(_TASK_ROOT, {"id": task_id})
    if root is None:
        raise NotFound(_("there is no task #{id}").format(id=task_id))
    return int(root)


async def task(uow: UnitOfWork, task_id: int, *, lock: bool = False) -> Task:
    """The root of ``task_id`` with its chats and participants; NotFound when there is none.

    ``lock``: other writers of this task and of its chats wait until this transaction ends.
    """
    while True:
        if lock:
            await locks.tasks(uow, [task_id])
        row = (await uow.connection.execute(ROOT_BY_ID, {"id": task_id})).one_or_none()
        if row is None:
            raise NotFound(_("there is no task #{id}").format(id=task_id))
        # Who waited for the lock finds the task merged into another one meanwhile.
        if not lock or locks.holds(uow, row.id):
            return await _whole(uow, row)


async def task_of_chat(uow: UnitOfWork, chat_id: int) -> Task | None:
    """The task that takes a chat's messages now, resolved through merges; it and all are locked."""
    await locks.chats(uow, [chat_id])
    while True:
        row = (await uow.connection.execute(ROOT_BY_CHAT, {"id": chat_id})).one_or_none()
        if row is None:
            return None
        if locks.holds(uow, row.id):
            return await _whole(uow, row)
        await locks.tasks(uow, [row.id])


async def _whole(uow: UnitOfWork, row: Row[Any]) -> Task:
    bound = (await uow.connection.execute(BOUND, {"root": row.id})).all()
    used = {chat.id for chat in bound if not chat.aside or chat.used}
    found: dict[int, Chat] = {}
    for chat in bound:
        if chat.id not in found or chat.task_id == row.id:
            own = chat.invited or (chat.task_id == row.id and not chat.aside)
            found[chat.id] = chat_of(chat, own=own, aside=chat.id not in used, invited=chat.invited)
    return task_of(row, _who(row), tuple(found.values()), _participants(row.participants))


def root_of(row: Row[Any]) -> Task:
    """A root as its statement reads it, without its chats."""
    return task_of(row, _who(row), (), _participants(row.participants))


def _participants(joined: str | None) -> tuple[Who, ...]:
    """In the order in which they came; who takes part in several merged tasks, once."""
    rows = sorted(
        (int(at), kind, int(one))
        for at, kind, one in (line.split() for line in (joined or "").splitlines())
    )
    return tuple(
        dict.fromkeys(Who("agent" if kind == "agent" else "contact", one) for _n, kind, one in rows)
    )


def _who(row: Row[Any]) -> tuple[int | None, Who | None]:
    if row.assignee_agent_id is not None:
        return row.client_id, Who("agent", row.assignee_agent_id)
    if row.assigned_id is not None:
        return row.client_id, Who("contact", row.assigned_id)
    return row.client_id, None


def task_of(
    row: Row[Any],
    who: tuple[int | None, Who | None],
    chats: tuple[Chat, ...] = (),
    people: tuple[Who, ...] = (),
) -> Task:
    contact_id, assignee = who
    return Task(
        id=row.id,
        title=row.title,
        status=row.status,
        active=row.active,
        contact_id=contact_id,
        account_id=row.account_id,
        reply_via=row.reply_via,
        assignee=assignee,
        participants=people,
        chats=chats,
        spam=row.spam,
        private_to_id=row.private_to_id,
        deleted_at=row.deleted_at,
        purged_at=row.purged_at,
        closed_at=row.closed_at,
        snoozed_until=row.snoozed_until,
        waiting_since=row.waiting_since,
        previous_task_id=row.previous_task_id,
        last_notable_id=row.last_notable_id,
        last_activity_at=row.last_activity_at,
        last_line=row.last_line,
        last_direction=row.last_direction,
    )
