"""Writing chats and bindings: which task takes a chat's messages."""

import secrets
from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, select, update

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.merging.moving import Movable
from pfinbox.domain.merging.tree import Change
from pfinbox.domain.model import ChatRecord
from pfinbox.domain.outbound.delivery import WAITING, PartState
from pfinbox.store import tables as t
from pfinbox.store.roots import members
from pfinbox.store.uow import UnitOfWork


async def add(
    uow: UnitOfWork, account_id: int, key: str, contact_id: int, address_id: int | None
) -> int:
    """Add a chat without a task; returns its id."""
    who = {"contact_id": contact_id, "address_id": address_id}
    chat_id = await uow.add(t.chat, account_id=account_id, key=key, created_at=uow.now, **who)
    uow.held_chats.add(chat_id)
    return chat_id


async def begin_thread(  # noqa: PLR0913
    uow: UnitOfWork,
    task_id: int,
    account_id: int,
    contact_id: int,
    *,
    address_id: int | None,
    left_address: str | None = None,
    subject: str,
    outside: bool,
    aside: bool,
) -> int:
    """Add the chat of a mail that starts a thread; answers to the mail come to the task.

    ``left_address``: where the mail goes that is at no card's address. ``aside``: what is said in
    the task later does not go there (R16).
    """
    chat_id = await uow.add(
        t.chat,
        account_id=account_id,
        key=f"started:{secrets.token_hex(8)}",
        contact_id=contact_id,
        address_id=address_id,
        left_address=left_address,
        subject=subject,
        outside=outside,
        created_at=uow.now,
    )
    values = {"current": True, "aside": aside, "created_at": uow.now}
    uow.held_chats.add(chat_id)
    await uow.add(t.binding, task_id=task_id, chat_id=chat_id, **values)
    return chat_id


async def take(uow: UnitOfWork, root_id: int, chat_ids: Collection[int]) -> list[Change]:
    """Make the tree of ``root_id`` take the messages of these chats; returns what changed.

    A chat whose messages some task of the tree takes already stays with that task.
    """
    if not chat_ids:
        return []
    values = {"root_id": root_id, "chat_ids": list(chat_ids)}
    left = await uow.connection.scalars(_leaving(), values)
    changes = [Change("binding", row_id, "current", True, False) for row_id in left]
    taken = await uow.connection.scalars(_taking(), values)
    return changes + [Change("binding", row_id, "current", False, True) for row_id in taken]


_theirs = t.binding.c.chat_id.in_(bindparam("chat_ids", expanding=True))
_in_tree = t.binding.c.task_id.in_(members(bindparam("root_id")))


@cache
def _leaving() -> Any:
    """Bindings to other tasks, which do not take the chats' messages any more."""
    return (
        update(t.binding)
        .where(_theirs, t.binding.c.current, ~_in_tree)
        .values(current=False)
        .returning(t.binding.c.id)
    )


@cache
def _taking() -> Any:
    """The newest binding in the tree of each chat whose messages no task takes."""
    now = t.binding.alias("now")
    newest = (
        select(func.max(t.binding.c.id))
        .where(
            _theirs,
            _in_tree,
            ~exists().where(now.c.chat_id == t.binding.c.chat_id, now.c.current),
        )
        .group_by(t.binding.c.chat_id)
    )
    return (
        update(t.binding)
        .where(t.binding.c.id.in_(newest))
        .values(current=True)
        .returning(t.binding.c.id)
    )


async def block(
    uow: UnitOfWork,
    chat_ids: Collection[int],
    address_ids: Collection[int],
    at: datetime | None,
) -> None:
    """Block chats and addresses since ``at``: what they send is spam. None: unblock them."""
    for table, ids in ((t.chat, chat_ids), (t.address, address_ids)):
        await uow.connection.execute(update(table).where(table.c.id.in_(ids)).values(blocked_at=at))
    uow.touch("contacts")


async def move_current(uow: UnitOfWork, chat_id: int, task_id: int, *, aside: bool = False) -> None:
    """Make the chat current on this task; the earlier binding stays as history.

    ``aside``: what is said in the task later does not go there (R16).
    """
    await uow.connection.execute(
        update(t.binding)
        .where(t.binding.c.chat_id == chat_id, t.binding.c.current)
        .values(current=False)
    )
    known = await uow.connection.execute(
        update(t.binding)
        .where(t.binding.c.chat_id == chat_id, t.binding.c.task_id == task_id)
        .values(current=True, aside=aside)
    )
    if known.rowcount == 0:
        values = {"current": True, "aside": aside, "created_at": uow.now}
        await uow.add(t.binding, task_id=task_id, chat_id=chat_id, **values)


async def leave(uow: UnitOfWork, chat_id: int, root_id: int) -> None:
    """Remove the chat from a root, and from the tasks merged into it."""
    await uow.connection.execute(
        delete(t.binding).where(
            t.binding.c.chat_id == chat_id, t.binding.c.task_id.in_(members(root_id))
        )
    )


async def begin_apart(
    uow: UnitOfWork, chat: ChatRecord, comment: Movable, address_id: int | None
) -> int:
    """Add a chat that begins with one comment of ``chat``; answers name its message id."""
    own = await uow.add(
        t.chat,
        account_id=chat.account_id,
        key=f"moved:{secrets.token_hex(8)}",
        contact_id=comment.contact_id,
        address_id=address_id,
        answer_to=chat.answer_to if chat.contact_id == comment.contact_id else None,
        subject=chat.subject,
        last_incoming_at=comment.created_at,
        created_at=uow.now,
    )
    uow.held_chats.add(own)
    await uow.change(t.comment, comment.id, chat_id=own)
    await uow.connection.execute(
        update(t.known_id)
        .where(
            t.known_id.c.account_id == chat.account_id,
            t.known_id.c.source_id == comment.source_id,
        )
        .values(chat_id=own)
    )
    return own


async def change(uow: UnitOfWork, chat_id: int, **values: object) -> None:
    """Set columns of a chat."""
    await uow.change(t.chat, chat_id, **values)


async def redirect_waiting(uow: UnitOfWork, old_id: int, new_id: int) -> None:
    """Move waiting deliveries and their parts from the old chat to the new one."""
    waiting = select(t.delivery.c.id).where(
        t.delivery.c.chat_id == old_id, t.delivery.c.state.in_(WAITING)
    )
    parts = select(t.delivery_part.c.part_id).where(t.delivery_part.c.delivery_id.in_(waiting))
    await uow.connection.execute(
        update(t.part)
        .where(t.part.c.id.in_(parts), t.part.c.state == PartState.PENDING)
        .values(chat_id=new_id)
    )
    await uow.connection.execute(
        update(t.delivery)
        .where(t.delivery.c.chat_id == old_id, t.delivery.c.state.in_(WAITING))
        .values(chat_id=new_id)
    )
    uow.touch("outbox")


async def set_writable(
    uow: UnitOfWork, chat_id: int, writable: bool, reason: Reason | None = None
) -> None:
    """Keep whether the chat can be written to, and why not."""
    told = reason.as_json() if reason is not None else None
    await uow.change(t.chat, chat_id, writable=writable, state_reason=told)
