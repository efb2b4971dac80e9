"""Chats, and the tasks that have them."""

from collections.abc import Collection

from sqlalchemy import select

from pfinbox.domain.model import Binding
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def lock(uow: UnitOfWork, chat_ids: Collection[int]) -> None:
    """Lock these chats until the transaction ends: their next messages wait (R4)."""
    if chat_ids and not uow.sqlite:
        chats = select(t.chat.c.id).where(t.chat.c.id.in_(chat_ids)).order_by(t.chat.c.id)
        await uow.connection.execute(chats.with_for_update())


async def open_tasks(uow: UnitOfWork, chat_ids: Collection[int]) -> dict[int, int]:
    """The open root task that takes the messages of each of these chats now, where there is one."""
    own, root = t.task.alias("own"), t.task.alias("root")
    rows = await uow.connection.execute(
        select(t.binding.c.chat_id, root.c.id)
        .join(own, own.c.id == t.binding.c.task_id)
        .join(root, root.c.id == own.c.root_id)
        .where(
            t.binding.c.chat_id.in_(chat_ids),
            t.binding.c.current,
            root.c.active,
            root.c.deleted_at.is_(None),
            root.c.purged_at.is_(None),
        )
    )
    return {row.chat_id: row.id for row in rows}


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
