"""Which chat and which task take a message: reading for the rules, opening what is missing."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select, true, update

from pfinbox.domain.envelope import Incoming, Message
from pfinbox.domain.lifecycle import Before
from pfinbox.domain.model import Account, Task
from pfinbox.domain.text import clean, clean_line
from pfinbox.services import standins
from pfinbox.services.senders import Sender
from pfinbox.store import searchindex, snapshots, statuses
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def make_chat(
    uow: UnitOfWork, account: Account, incoming: Incoming, message: Message, sender: Sender
) -> int:
    """The chat of a new conversation; an e-mail chat is named by its first message\'s receipt."""
    return await uow.add(
        t.chat,
        account_id=account.id,
        key=message.chat_key if message.chat_key is not None else incoming.key,
        contact_id=sender.card_id,
        address_id=sender.address_id,
        subject=clean_line(message.title) if message.title else None,
        created_at=uow.now,
    )


async def lock_chat(uow: UnitOfWork, chat_id: int) -> Row[Any]:
    """The chat's row, locked: two receivers take turns over what its next message does (R4)."""
    query = select(t.chat).where(t.chat.c.id == chat_id)
    if not uow.sqlite:
        query = query.with_for_update()
    return (await uow.connection.execute(query)).one()


async def current_task(uow: UnitOfWork, chat_id: int) -> Task | None:
    """The task that takes the chat's messages now, resolved through merges."""
    root = await uow.connection.scalar(
        select(t.task.c.root_id)
        .join(t.binding, t.binding.c.task_id == t.task.c.id)
        .where(t.binding.c.chat_id == chat_id, t.binding.c.current)
    )
    if root is None:
        return None
    purged = await uow.connection.scalar(select(t.task.c.purged_at).where(t.task.c.id == root))
    return None if purged is not None else await snapshots.task(uow, root, lock=True)


async def origin(uow: UnitOfWork, chat_id: int, root_id: int) -> int:
    """The chat's own task in a root: what comes by a merged chat goes back with it (R33)."""
    found = await uow.connection.scalar(
        select(t.binding.c.task_id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .where(t.binding.c.chat_id == chat_id, t.binding.c.current, t.task.c.root_id == root_id)
    )
    return int(found) if found is not None else root_id


async def spam_task(uow: UnitOfWork, chat_id: int) -> Task | None:
    """The task that takes what a blocked chat sends (R42), wherever else the chat is bound."""
    root = await uow.connection.scalar(
        select(t.task.c.id)
        .join(t.binding, t.binding.c.task_id == t.task.c.id)
        .where(
            t.binding.c.chat_id == chat_id,
            t.task.c.spam,
            t.task.c.root_id == t.task.c.id,
            t.task.c.purged_at.is_(None),
        )
        .order_by(t.task.c.id.desc())
        .limit(1)
    )
    return await snapshots.task(uow, root, lock=True) if root is not None else None


async def open_task(
    uow: UnitOfWork,
    account: Account,
    message: Message,
    sender: Sender | None,
    current: Task | None,
    spam: bool,
    history: bool,
) -> Task:
    """A new task; R8's link to the last one of this contact, R44's assignee, R42's spam."""
    at = min(message.sent_at, uow.now)
    previous = None
    if sender is not None and sender.known and not spam:
        previous = await last_task(uow, sender.contact_id, before=at if history else None)
    status = await (statuses.finished_status if history else statuses.first_status)(uow)
    before = Before(None)
    if current is not None and current.assignee is not None and current.assignee.kind == "agent":
        before = await standins.before(uow, current.assignee.id)
    private_to = account.owner_id if account.role == "personal" else None
    if private_to is not None and not spam and await standins.gone(uow, private_to):
        # Seen by the owner alone, a task of theirs would be seen by nobody.
        before = await standins.before(uow, private_to)
        private_to = private_to if before.assignee_id is not None else None
    title = clean_line(message.title or "") or _title(message)
    task_id = await uow.add(
        t.task,
        title=title,
        status=status,
        active=not history,
        contact_id=sender.card_id if sender else None,
        account_id=account.id,
        assignee_agent_id=before.assignee_id,
        root_id=0,
        previous_task_id=previous,
        spam=spam,
        private_to_id=private_to,
        deleted_at=uow.now if spam else None,
        closed_at=uow.now if history else None,
        created_at=at,
        last_activity_at=at,
    )
    await uow.connection.execute(
        update(t.task).where(t.task.c.id == task_id).values(root_id=task_id)
    )
    if history and sender is not None and not spam:
        await _put_between(uow, sender.contact_id, task_id, previous, at)
    await searchindex.index_task(uow, task_id)
    task = await snapshots.task(uow, task_id)
    if before.instead_of is not None:
        await standins.say_so(uow, task, before)
    return task


def _title(message: Message) -> str:
    first = next((line for line in clean(message.text).splitlines() if line.strip()), "")
    if not first and message.files:
        first = message.files[0].name
    return clean_line(first, 80) or "…"


async def _put_between(
    uow: UnitOfWork, contact_id: int, task_id: int, previous: int | None, at: datetime
) -> None:
    """Imported history stands in the chain (R8) before what came while it was being imported."""
    contact = t.contact.alias("card")
    following = await uow.connection.scalar(
        select(t.task.c.id)
        .join(contact, contact.c.id == t.task.c.contact_id)
        .where(
            contact.c.root_id == contact_id,
            t.task.c.previous_task_id.is_not_distinct_from(previous),
            t.task.c.created_at > at,
            t.task.c.id != task_id,
            t.task.c.root_id == t.task.c.id,
            t.task.c.spam.is_(False),
        )
        .order_by(t.task.c.created_at, t.task.c.id)
        .limit(1)
    )
    if following is not None:
        await uow.connection.execute(
            update(t.task).where(t.task.c.id == following).values(previous_task_id=task_id)
        )


async def last_task(
    uow: UnitOfWork, contact_id: int, *, before: datetime | None = None
) -> int | None:
    """The last living task in which this contact wrote or was written to (R8, R9)."""
    cards = select(t.contact.c.id).where(t.contact.c.root_id == contact_id)
    notified = select(t.notify.c.comment_id).where(t.notify.c.contact_id.in_(cards))
    origin = t.task.alias("origin")
    root = t.task.alias("root")
    found: int | None = await uow.connection.scalar(
        select(root.c.id)
        .join(origin, origin.c.root_id == root.c.id)
        .join(t.comment, t.comment.c.task_id == origin.c.id)
        .where(
            or_(t.comment.c.contact_id.in_(cards), t.comment.c.id.in_(notified)),
            root.c.deleted_at.is_(None),
            root.c.purged_at.is_(None),
            t.comment.c.created_at < before if before is not None else true(),
        )
        .order_by(t.comment.c.created_at.desc(), t.comment.c.id.desc())
        .limit(1)
    )
    return found


async def bind(uow: UnitOfWork, chat_id: int, task_id: int, *, current: bool) -> None:
    """A new task has this chat; ``current``: it takes its messages, too."""
    if current:
        await move_current(uow, chat_id, task_id)
    else:
        await uow.add(
            t.binding, task_id=task_id, chat_id=chat_id, current=False, created_at=uow.now
        )


async def move_current(uow: UnitOfWork, chat_id: int, task_id: int) -> None:
    """From now on this task takes the chat's messages; the old binding stays as history."""
    await uow.connection.execute(
        update(t.binding)
        .where(t.binding.c.chat_id == chat_id, t.binding.c.current)
        .values(current=False)
    )
    known = await uow.connection.execute(
        update(t.binding)
        .where(t.binding.c.chat_id == chat_id, t.binding.c.task_id == task_id)
        .values(current=True)
    )
    if known.rowcount == 0:
        await uow.add(t.binding, task_id=task_id, chat_id=chat_id, current=True, created_at=uow.now)
