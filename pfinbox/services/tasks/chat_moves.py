"""A chat gets another key (a group became a supergroup): its task stays the same."""

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.chats import ChatMoved, ChatMovedConflict
from pfinbox.domain.model import ChatRecord
from pfinbox.services.events import reactions
from pfinbox.store import load, write
from pfinbox.store.uow import UnitOfWork

_MOVED = Reason("chat_moved")


async def followed(uow: UnitOfWork, chat_id: int | None, new_key: str) -> None:
    """The channel told the chat's new key while sending; the part is there already."""
    if chat_id is not None:
        chat = await load.chats.record(uow, chat_id)
        await moved(uow, chat.account_id, chat.key, new_key)


async def moved(uow: UnitOfWork, account_id: int, old_key: str, new_key: str) -> None:
    """Give the chat its new key, and waiting deliveries with it; it may be told twice."""
    old = next(iter(await load.chats.named(uow, account_id, old_key)), None)
    if old is None or old_key == new_key:
        return
    new = next(iter(await load.chats.named(uow, account_id, new_key)), None)
    if new is None:
        await write.chats.change(uow, old.id, key=new_key, writable=True, state_reason=None)
        await _say(uow, old.id)
    elif old.writable or old.state_reason != _MOVED.as_json():
        await _join(uow, old, new)
    uow.touch("tasks", "outbox")


async def lent_again(uow: UnitOfWork, account_id: int, owner: str, prefix: str) -> None:
    """Access that was withdrawn and given anew comes under another name: the chats go on (R4)."""
    lent = await load.accounts.lent(uow, account_id)
    before = lent.get(owner)
    if before == prefix:
        return
    await write.accounts.lend(uow, account_id, {**lent, owner: prefix})
    if before is None:
        return
    for chat in await load.chats.named(uow, account_id, before, prefix=True):
        await moved(uow, account_id, chat.key, prefix + chat.key.removeprefix(before))


async def _join(uow: UnitOfWork, old: ChatRecord, new: ChatRecord) -> None:
    """Messages came under the new key before the move was told."""
    before = await load.chats.current_task(uow, old.id)
    after = await load.chats.current_task(uow, new.id)
    if before is not None and before.living and (after is None or not after.open):
        aside = any(chat.id == old.id and chat.aside for chat in before.chats)
        await write.chats.move_current(uow, new.id, before.id, aside=aside)
    elif before is not None and after is not None and before.open and before.id != after.id:
        # An agent merges the two open tasks of one chat (R32).
        for one, other in ((before, after), (after, before)):
            await reactions.follow(uow, one.id, ChatMovedConflict(other=other.id))
    await write.chats.redirect_waiting(uow, old.id, new.id)
    await write.chats.set_writable(uow, old.id, False, _MOVED)
    await _say(uow, new.id)


async def _say(uow: UnitOfWork, chat_id: int) -> None:
    task = await load.chats.current_task(uow, chat_id)
    if task is not None:
        await reactions.follow(uow, task.id, ChatMoved())
