"""Chats, and the tasks that have them."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from pfinbox.domain.model import Binding, ChatRecord, Task
from pfinbox.store import locks, snapshots
from pfinbox.store import tables as t
from pfinbox.store.roots import is_open
from pfinbox.store.uow import UnitOfWork


async def open_tasks(uow: UnitOfWork, chat_ids: Collection[int]) -> dict[int, int]:
    """The open root task that takes the messages of each of these chats now, where there is one."""
    if not chat_ids:
        return {}
    rows = await uow.connection.execute(_open_tasks(), {"chat_ids": list(chat_ids)})
    return {row.chat_id: row.id for row in rows}


@cache
def _open_tasks() -> Select[Any]:
    own, root = t.task.alias("own"), t.task.alias("root")
    return (
        select(t.binding.c.chat_id, root.c.id)
        .join(own, own.c.id == t.binding.c.task_id)
        .join(root, root.c.id == own.c.root_id)
        .where(
            t.binding.c.chat_id.in_(bindparam("chat_ids", expanding=True)),
            t.binding.c.current,
            is_open(root),
        )
    )


async def bindings(uow: UnitOfWork, root_ids: Collection[int]) -> list[Binding]:
    """Every chat of these roots and of what is merged into them, oldest binding first."""
    rows = await uow.connection.execute(
        select(
            t.binding.c.id,
            t.binding.c.chat_id,
            t.binding.c.task_id,
            t.task.c.root_id,
            t.binding.c.current,
        )
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .where(t.task.c.root_id.in_(root_ids))
        .order_by(t.binding.c.id)
    )
    return [Binding(**row._mapping) for row in rows]


async def written_from(uow: UnitOfWork, chat_ids: Collection[int]) -> dict[int, bool]:
    """The addresses from which a contact wrote in these threads; whether each is blocked."""
    rows = await uow.connection.execute(
        select(t.address.c.id, t.address.c.blocked_at)
        .join(t.chat, t.chat.c.address_id == t.address.c.id)
        # A thread that only agents have written in proves nothing about its address.
        .where(t.chat.c.id.in_(chat_ids), t.chat.c.last_incoming_at.is_not(None))
    )
    return {row.id: row.blocked_at is not None for row in rows}


_RECORD = tuple(t.chat.c[one.name] for one in fields(ChatRecord))


async def record(uow: UnitOfWork, chat_id: int) -> ChatRecord:
    """A chat, locked until the transaction ends."""
    return (await _records(uow, t.chat.c.id == chat_id))[0]


async def named(
    uow: UnitOfWork, account_id: int, key: str, *, prefix: bool = False
) -> list[ChatRecord]:
    """The account's chat with this key, locked; ``prefix``: all whose keys begin so."""
    keys = t.chat.c.key.startswith(key, autoescape=True) if prefix else t.chat.c.key == key
    return await _records(uow, and_(t.chat.c.account_id == account_id, keys))


async def _records(uow: UnitOfWork, where: ColumnElement[bool]) -> list[ChatRecord]:
    if not uow.sqlite:
        ids = await uow.connection.scalars(select(t.chat.c.id).where(where))
        await locks.chats(uow, ids.all())
    query = select(*_RECORD).where(where).order_by(t.chat.c.id)
    return [ChatRecord(*row) for row in await uow.connection.execute(query)]


async def current_task(uow: UnitOfWork, chat_id: int) -> Task | None:
    """The task that takes the chat's messages now, resolved through merges, and locked."""
    return await snapshots.task_of_chat(uow, chat_id)


async def told_since(uow: UnitOfWork, account_id: int, since: datetime) -> int:
    """In how many of the account's chats a program has answered since then."""
    found = await uow.connection.scalar(
        select(func.count())
        .select_from(t.chat)
        .where(t.chat.c.account_id == account_id, t.chat.c.told_at > since)
    )
    return int(found or 0)


async def address_in(uow: UnitOfWork, chat: ChatRecord, contact_id: int | None) -> int | None:
    """Where a contact writes from in a chat: its address if that is theirs, else their main one."""
    own = t.contact.alias("own")
    mine = (
        select(t.address.c.id)
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .join(own, own.c.root_id == t.contact.c.root_id)
        .join(t.account, t.account.c.channel == t.address.c.channel)
        .where(t.account.c.id == chat.account_id, own.c.id == contact_id)
        .order_by((t.address.c.id == chat.address_id).desc(), t.address.c.main.desc())
        .limit(1)
    )
    return await uow.connection.scalar(mine)
