"""Writing chats and bindings: which task takes a chat's messages."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, func, select, update

from pfinbox.domain.merging.tree import Change
from pfinbox.domain.model import Address
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def begin(uow: UnitOfWork, account_id: int, contact_id: int, address: Address) -> int:
    """The chat of a contact who never wrote; a messenger names it by the contact's id."""
    return await uow.add(
        t.chat,
        account_id=account_id,
        key=address.value,
        contact_id=contact_id,
        address_id=address.id,
        created_at=uow.now,
    )


async def take(uow: UnitOfWork, root_id: int, chat_ids: Collection[int]) -> list[Change]:
    """The tree of ``root_id`` takes the messages of these chats now; what that changed.

    A chat whose messages some task of the tree takes already stays with that task.
    """
    members = select(t.task.c.id).where(t.task.c.root_id == root_id)
    left = await uow.connection.scalars(
        update(t.binding)
        .where(
            t.binding.c.chat_id.in_(chat_ids),
            t.binding.c.current,
            t.binding.c.task_id.not_in(members),
        )
        .values(current=False)
        .returning(t.binding.c.id)
    )
    now = t.binding.alias("now")
    newest = (
        select(func.max(t.binding.c.id))
        .where(
            t.binding.c.chat_id.in_(chat_ids),
            t.binding.c.task_id.in_(members),
            ~exists().where(now.c.chat_id == t.binding.c.chat_id, now.c.current),
        )
        .group_by(t.binding.c.chat_id)
    )
    changes = [Change("binding", row_id, "current", True, False) for row_id in left]
    taken = await uow.connection.scalars(
        update(t.binding)
        .where(t.binding.c.id.in_(newest))
        .values(current=True)
        .returning(t.binding.c.id)
    )
    changes += [Change("binding", row_id, "current", False, True) for row_id in taken]
    return changes


async def block(
    uow: UnitOfWork,
    chat_ids: Collection[int],
    address_ids: Collection[int],
    at: datetime | None,
) -> None:
    """What comes by these chats or from these addresses is spam since ``at``; None: no more."""
    for table, ids in ((t.chat, chat_ids), (t.address, address_ids)):
        await uow.connection.execute(update(table).where(table.c.id.in_(ids)).values(blocked_at=at))
    uow.touch("contacts")
