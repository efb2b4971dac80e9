"""What happens to a chat besides messages: opened, blocked, taken out of quarantine (R25, R42)."""

from pfinbox.domain.contract.incoming import ChatStarted, ChatState, Introduction
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.chats import AddressLeft, ChatClosed, ChatOpened
from pfinbox.domain.model import Account, ChatRecord
from pfinbox.domain.people.cards import scope, usable
from pfinbox.domain.recipients.correspondents import OurSide, left_address
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.services.events import reactions
from pfinbox.services.merging import invitations
from pfinbox.services.people import senders
from pfinbox.services.tasks import chat_moves
from pfinbox.store import load, snapshots, write
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def started(uow: UnitOfWork, account: Account, event: ChatStarted) -> Outgoing | None:
    """A card and a chat, no task (R42); with an invitation's token it joins that task (R30).

    What is returned is to be said there at once.
    """
    sender = await senders.find_or_make(uow, account, event.sender, known_by=account.id)
    chats = await load.chats.named(uow, account.id, event.chat_key)
    if chats:
        chat_id = chats[0].id
        await write.chats.set_writable(uow, chat_id, True)
    else:
        chat_id = await write.chats.add(
            uow, account.id, event.chat_key, sender.card_id, sender.address_id
        )
    if event.greeting:
        await write.chats.change(uow, chat_id, greeting=event.greeting)
    uow.touch("contacts")
    if not event.payload:
        return None
    if await invitations.redeem(uow, account, event.payload, chat_id, sender):
        return None
    return await invitations.turn_away(uow, account, event.payload, chat_id, sender)


async def introduced(uow: UnitOfWork, account: Account, event: Introduction, ours: OurSide) -> None:
    """The card gets the name, if it had none; the chat keeps the address, which proves nothing."""
    for chat in await load.chats.named(uow, account.id, event.chat_key):
        root = await snapshots.contact_root(uow, chat.contact_id)
        name = clean_line(event.name, 100)
        card = (await snapshots.contacts(uow, [root]))[root]
        if name and card.name == event.instead_of:
            await write.cards.change(uow, root, name=name)
            await index.index_contact(uow, root)
        address = left_address(event.email, ours)
        if address is None or address == chat.left_address:
            continue
        await write.chats.change(uow, chat.id, left_address=address)
        serving = await load.chats.current_task(uow, chat.id)
        if serving is not None:
            await reactions.follow(uow, serving.id, AddressLeft(address))


async def also_known_as(uow: UnitOfWork, account: Account, chat_key: str, party: Party) -> None:
    """The chat's client has another address: what comes from there joins the same card (R2).

    An address that is on a card already stays there (R27).
    """
    value = usable(party)
    chat = next(iter(await load.chats.named(uow, account.id, chat_key)), None)
    if chat is None or value is None or await load.cards.with_address(uow, account, value):
        return
    username = clean_line(party.username or "") or None
    where = (account.channel, scope(account), value)
    await write.cards.add_address(uow, chat.contact_id, *where, username, main=False)
    uow.touch("contacts")


async def state(uow: UnitOfWork, account: Account, event: ChatState) -> None:
    """The client blocked or unblocked us: known before the next answer is written (R25)."""
    if event.prefix and event.owner is not None and event.writable:
        await chat_moves.lent_again(uow, account.id, event.owner, event.chat_key)
    for chat in await load.chats.named(uow, account.id, event.chat_key, prefix=event.prefix):
        await _set_writable(uow, chat, event.writable, event.reason)


async def cannot_write(uow: UnitOfWork, chat_id: int, reason: Reason | None) -> None:
    """A message was refused for good: the chat cannot be written to (R25)."""
    await _set_writable(uow, await load.chats.record(uow, chat_id), False, reason)


async def _set_writable(
    uow: UnitOfWork, chat: ChatRecord, writable: bool, reason: Reason | None
) -> None:
    """Record whether a chat can be written to, and say so in the task that it serves now."""
    await write.chats.set_writable(uow, chat.id, writable, reason)
    uow.touch("tasks")
    serving = await load.chats.current_task(uow, chat.id) if chat.writable != writable else None
    if serving is not None:
        event = ChatOpened if writable else ChatClosed
        await reactions.follow(uow, serving.id, event(reason.as_json() if reason else None))
