"""What the store knows of that by which a message names a chat: ids, a number, a subject (R5)."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from pfinbox.domain.contract.envelope import Message
from pfinbox.domain.inbound.threading import Known
from pfinbox.domain.inbound.working_set import Named, WorkingSet
from pfinbox.domain.model import Account
from pfinbox.domain.people import cards
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.subjects import stem
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# How many of a sender's conversations are looked through for a subject.
_CHATS = 200


async def known_ids(
    uow: UnitOfWork,
    ws: WorkingSet,
    message: Message,
    sender_id: int | None,
    *,
    history: bool = False,
    late: bool = False,
) -> Known:
    """What the store knows of the ids that a message names, within its account (R5).

    ``sender_id``: the card of whoever wrote it, if there was one. ``late``: its sender may have
    gone on before it was read.
    """
    account, ids = ws.account, ws.ids
    if message.chat_key is not None:
        by_key = await uow.connection.scalar(
            _BY_KEY, {"account_id": account.id, "key": message.chat_key}
        )
        return Known(by_key=by_key)
    by_reference = {name: ids.chats[name] for name in message.references if name in ids.chats}
    by_own_id = None
    name = clean_line(message.source_id)
    # What came under this id already is what was named: this is another message (R12).
    if (history or late) and not any(one.how == "came" for one in ids.of(name)):
        by_own_id = ids.chats.get(name)
        # Anybody may name an id that is not here yet: only the sender's own chat has a claim.
        if by_own_id is not None and not history and not await _is_of(uow, by_own_id, sender_id):
            by_own_id = None
    # A number in an old subject is somebody else's: there was no task of ours.
    root = await _named(uow, message) if not history else None
    return Known(
        by_token=await _chats(uow, account, message.tokens),
        by_reference=by_reference | _own_words(ids, message, sender_id),
        by_id_token=await _chats(uow, account, message.id_tokens),
        by_own_id=by_own_id,
        by_number=await _by_number(uow, account, sender_id, root) if root is not None else None,
        named_task=root,
        by_subject=await _by_subject(uow, account, message, sender_id),
    )


_BY_KEY = select(t.chat.c.id).where(
    t.chat.c.account_id == bindparam("account_id"), t.chat.c.key == bindparam("key")
)


async def _is_of(uow: UnitOfWork, chat_id: int, contact_id: int | None) -> bool:
    """Whether it is a chat of this contact."""
    owner = select(t.contact.c.root_id).join(t.chat, t.chat.c.contact_id == t.contact.c.id)
    found = await uow.connection.scalar(owner.where(t.chat.c.id == chat_id))
    return contact_id is not None and found == contact_id


async def _chats(uow: UnitOfWork, account: Account, tokens: Sequence[str]) -> dict[str, int]:
    """The chats that tokens name, as far as they are of this account."""
    ids = {int(token[1:]): token for token in tokens if token[:1] == "c" and token[1:].isdigit()}
    if not ids:
        return {}
    rows = await uow.connection.scalars(
        select(t.chat.c.id).where(t.chat.c.account_id == account.id, t.chat.c.id.in_(ids))
    )
    return {ids[chat_id]: chat_id for chat_id in rows}


def _own_words(ids: Named, message: Message, sender_id: int | None) -> dict[str, int]:
    """The chats of the sender's own messages among those that are answered.

    Others may have given theirs the same id (R12): nobody goes on in a stranger's conversation.
    """
    return {
        name: one.chat_id
        for name in message.references
        for one in sorted(ids.of(name), key=lambda one: one.id)
        if one.chat_id is not None and one.contact_id is not None and one.contact_id == sender_id
    }


async def _named(uow: UnitOfWork, message: Message) -> int | None:
    """The task that the subject's number means, resolved through merges."""
    if message.task_number is None:
        return None
    root_task = t.task.alias("root")
    found: int | None = await uow.connection.scalar(
        select(root_task.c.id)
        .join(t.task, t.task.c.root_id == root_task.c.id)
        .where(
            t.task.c.id == message.task_number,
            # Purged ones are for nobody to name, whatever stands in the subject.
            t.task.c.purged_at.is_(None),
            root_task.c.purged_at.is_(None),
        )
    )
    return found


async def _by_subject(
    uow: UnitOfWork, account: Account, message: Message, sender_id: int | None
) -> int | None:
    """The last chat in which this very sender wrote or was written to under this subject."""
    if message.answered_subject is None or sender_id is None:
        return None
    rows = await uow.connection.execute(
        select(t.chat.c.id, t.chat.c.subject)
        .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
        .where(
            t.chat.c.account_id == account.id,
            t.contact.c.root_id == sender_id,
            t.chat.c.subject.is_not(None),
        )
        .order_by(t.chat.c.id.desc())
        .limit(_CHATS)
    )
    wanted = message.answered_subject
    return next((row.id for row in rows if stem(row.subject)[0] == wanted), None)


async def card_of(uow: UnitOfWork, account: Account, message: Message) -> int | None:
    """The card of the sender, merged ones resolved; None where it has no address (R48)."""
    value = cards.usable(message.sender)
    if value is None:
        return None
    found: int | None = await uow.connection.scalar(
        select(t.contact.c.root_id)
        .join(t.address, t.address.c.contact_id == t.contact.c.id)
        .where(
            t.address.c.channel == account.channel,
            t.address.c.value == value,
        )
        .order_by(t.address.c.duplicate, t.address.c.contact_id)
        .limit(1)
    )
    return found


async def _by_number(
    uow: UnitOfWork, account: Account, sender_id: int | None, root: int
) -> int | None:
    """A chat of the task in the subject, only for somebody who takes part in it."""
    task = await snapshots.task(uow, root)
    part = {task.contact_id, *(w.id for w in task.participants if w.kind == "contact")}
    if sender_id is None or sender_id not in part:
        return None
    chats = [chat for chat in task.chats if chat.account_id == account.id]
    theirs = [chat for chat in chats if chat.contact_id == sender_id]
    # Never into a thread with somebody outside that is not the sender's.
    chats = theirs or [chat for chat in chats if not chat.outside]
    return chats[-1].id if chats else None
