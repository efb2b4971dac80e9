"""Which task takes a chat's messages, read and moved."""

from typing import Any

from sqlalchemy import Row, bindparam, select, update

from pfinbox.domain.model import Task
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_CHAT = (
    select(t.chat, t.contact.c.root_id.label("owner_id"))
    .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
    .where(t.chat.c.id == bindparam("id"))
)
# No task takes the chat's messages any more.
_LEAVE = (
    update(t.binding)
    .where(t.binding.c.chat_id == bindparam("chat"), t.binding.c.current)
    .values(current=False)
)


async def lock_chat(uow: UnitOfWork, chat_id: int) -> Row[Any]:
    """The chat's row, locked: two receivers take turns over what its next message does (R4).

    ``owner_id`` is its contact's card, merged ones resolved.
    """
    query = _CHAT if uow.sqlite else _CHAT.with_for_update(of=t.chat)
    return (await uow.connection.execute(query, {"id": chat_id})).one()


async def current_task(uow: UnitOfWork, chat_id: int) -> Task | None:
    """The task that takes the chat's messages now, resolved through merges."""
    return (await snapshots.task_of_chat(uow, chat_id))[0]


async def move_current(uow: UnitOfWork, chat_id: int, task_id: int, *, aside: bool = False) -> None:
    """From now on this task takes the chat's messages; the old binding stays as history.

    ``aside``: what is said in the task later does not go there (R16).
    """
    await uow.connection.execute(_LEAVE, {"chat": chat_id})
    known = await uow.connection.execute(
        update(t.binding)
        .where(t.binding.c.chat_id == chat_id, t.binding.c.task_id == task_id)
        .values(current=True, aside=aside)
    )
    if known.rowcount == 0:
        await uow.add(
            t.binding,
            task_id=task_id,
            chat_id=chat_id,
            current=True,
            aside=aside,
            created_at=uow.now,
        )
