"""What happens to a chat besides messages: opened, blocked, taken out of quarantine (R25, R42)."""

from sqlalchemy import select, update

from pfinbox.domain.contract.envelope import ChatStarted, ChatState, Outgoing
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events import ChatClosed, ChatOpened
from pfinbox.domain.model import Account
from pfinbox.services.merging import invitations
from pfinbox.services.people import senders
from pfinbox.services.tasks import chat_moves
from pfinbox.store import journal
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def started(uow: UnitOfWork, account: Account, event: ChatStarted) -> Outgoing | None:
    """A card and a chat, no task (R42); with an invitation's token it joins that task (R30).

    What is returned is to be said there at once.
    """
    sender = await senders.find_or_make(uow, account, event.sender, known_by=account.id)
    chat_id = await uow.connection.scalar(
        select(t.chat.c.id).where(t.chat.c.account_id == account.id, t.chat.c.key == event.chat_key)
    )
    if chat_id is None:
        chat_id = await uow.add(
            t.chat,
            account_id=account.id,
            key=event.chat_key,
            contact_id=sender.card_id,
            address_id=sender.address_id,
            created_at=uow.now,
        )
    else:
        await uow.connection.execute(
            update(t.chat).where(t.chat.c.id == chat_id).values(writable=True, state_reason=None)
        )
    uow.touch("contacts")
    if not event.payload:
        return None
    if await invitations.redeem(uow, account, event.payload, chat_id, sender):
        return None
    return await invitations.turn_away(uow, account, event.payload, chat_id, sender)


async def state(uow: UnitOfWork, account: Account, event: ChatState) -> None:
    """The client blocked or unblocked us: known before the next answer is written (R25)."""
    if event.prefix and event.owner is not None and event.writable:
        await chat_moves.lent_again(uow, account.id, event.owner, event.chat_key)
    key = t.chat.c.key
    named = key.startswith(event.chat_key, autoescape=True) if event.prefix else None
    chats = await uow.connection.scalars(
        select(t.chat.c.id)
        .where(
            t.chat.c.account_id == account.id,
            named if named is not None else key == event.chat_key,
        )
        .order_by(t.chat.c.id)
    )
    for chat_id in chats.all():
        await set_writable(uow, chat_id, event.writable, event.reason)


async def set_writable(
    uow: UnitOfWork, chat_id: int, writable: bool, reason: Reason | None
) -> None:
    """Record whether a chat can be written to, and say so in the task that it serves now."""
    before = await uow.connection.scalar(select(t.chat.c.writable).where(t.chat.c.id == chat_id))
    await uow.connection.execute(
        update(t.chat)
        .where(t.chat.c.id == chat_id)
        .values(writable=writable, state_reason=reason.as_json() if reason else None)
    )
    uow.touch("tasks")
    if before == writable:
        return
    task_id = await uow.connection.scalar(
        select(t.task.c.root_id)
        .join(t.binding, t.binding.c.task_id == t.task.c.id)
        .where(t.binding.c.chat_id == chat_id, t.binding.c.current)
    )
    if task_id is not None:
        event = ChatOpened if writable else ChatClosed
        await journal.record(uow, task_id, event(reason.as_json() if reason else None))
