"""A chat gets another key (a group became a supergroup): its task stays the same."""

from typing import Any

from sqlalchemy import Row, select, update

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events import ChatMoved, ChatMovedConflict
from pfinbox.domain.outbound.delivery import WAITING
from pfinbox.services.tasks import routing
from pfinbox.store import journal
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def followed(uow: UnitOfWork, chat_id: int | None, new_key: str) -> None:
    """The channel told the chat's new key while sending; the part is there already."""
    row = (
        await uow.connection.execute(
            select(t.chat.c.account_id, t.chat.c.key).where(t.chat.c.id == chat_id)
        )
    ).first()
    if row is not None:
        await moved(uow, row.account_id, row.key, new_key)


async def moved(uow: UnitOfWork, account_id: int, old_key: str, new_key: str) -> None:
    """Give the chat its new key, and waiting deliveries with it; it may be told twice."""
    old = await _chat(uow, account_id, old_key)
    if old is None or old_key == new_key:
        return
    new = await _chat(uow, account_id, new_key)
    if new is None:
        await uow.connection.execute(
            update(t.chat)
            .where(t.chat.c.id == old.id)
            .values(key=new_key, writable=True, state_reason=None)
        )
        await _say(uow, old.id)
    elif old.writable or old.state_reason != Reason("chat_moved").as_json():
        await _join(uow, old, new)
    uow.touch("tasks", "outbox")


async def lent_again(uow: UnitOfWork, account_id: int, owner: str, prefix: str) -> None:
    """Access that was withdrawn and given anew comes under another name: the chats go on (R4)."""
    lent: dict[str, str] = (
        await uow.connection.execute(select(t.account.c.lent).where(t.account.c.id == account_id))
    ).scalar_one()
    before = lent.get(owner)
    if before == prefix:
        return
    await uow.connection.execute(
        update(t.account).where(t.account.c.id == account_id).values(lent={**lent, owner: prefix})
    )
    if before is None:
        return
    keys = await uow.connection.scalars(
        select(t.chat.c.key)
        .where(t.chat.c.account_id == account_id, t.chat.c.key.startswith(before, autoescape=True))
        .order_by(t.chat.c.id)
    )
    for key in keys.all():
        await moved(uow, account_id, key, prefix + key.removeprefix(before))


async def _join(uow: UnitOfWork, old: Row[Any], new: Row[Any]) -> None:
    """Messages came under the new key before the move was told."""
    before = await routing.current_task(uow, old.id)
    after = await routing.current_task(uow, new.id)
    if before is not None and before.living and (after is None or not after.open):
        aside = any(chat.id == old.id and chat.aside for chat in before.chats)
        await routing.move_current(uow, new.id, before.id, aside=aside)
    elif before is not None and after is not None and before.open and before.id != after.id:
        # An agent merges the two open tasks of one chat (R32).
        for one, other in ((before, after), (after, before)):
            await journal.record(uow, one.id, ChatMovedConflict(other=other.id))
    waiting = select(t.delivery.c.id).where(
        t.delivery.c.chat_id == old.id, t.delivery.c.state.in_(WAITING)
    )
    parts = select(t.delivery_part.c.part_id).where(t.delivery_part.c.delivery_id.in_(waiting))
    await uow.connection.execute(
        update(t.part)
        .where(t.part.c.id.in_(parts), t.part.c.state == "pending")
        .values(chat_id=new.id)
    )
    await uow.connection.execute(
        update(t.delivery)
        .where(t.delivery.c.chat_id == old.id, t.delivery.c.state.in_(WAITING))
        .values(chat_id=new.id)
    )
    await uow.connection.execute(
        update(t.chat)
        .where(t.chat.c.id == old.id)
        .values(writable=False, state_reason=Reason("chat_moved").as_json())
    )
    await _say(uow, new.id)


async def _chat(uow: UnitOfWork, account_id: int, key: str) -> Row[Any] | None:
    query = select(t.chat).where(t.chat.c.account_id == account_id, t.chat.c.key == key)
    if not uow.sqlite:
        query = query.with_for_update()
    return (await uow.connection.execute(query)).first()


async def _say(uow: UnitOfWork, chat_id: int) -> None:
    task = await routing.current_task(uow, chat_id)
    if task is not None:
        await journal.record(uow, task.id, ChatMoved())
