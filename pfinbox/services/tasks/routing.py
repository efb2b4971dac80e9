"""Which chat and which task take a message: reading for the rules, opening what is missing."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import Incoming, Message
from pfinbox.domain.inbound.lifecycle import Before
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Account, Task, Who
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.services.people import deputies
from pfinbox.services.tasks import previous_task
from pfinbox.store import snapshots, statuses
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_CHAT = (
    select(t.chat, t.contact.c.root_id.label("owner_id"))
    .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
    .where(t.chat.c.id == bindparam("id"))
)
_REMEMBER = {
    is_sqlite: make(t.known_id).on_conflict_do_nothing()
    for is_sqlite, make in ((True, sqlite.insert), (False, postgresql.insert))
}
# No task takes the chat's messages any more.
_LEAVE = (
    update(t.binding)
    .where(t.binding.c.chat_id == bindparam("chat"), t.binding.c.current)
    .values(current=False)
)


async def make_chat(
    uow: UnitOfWork, account: Account, incoming: Incoming, message: Message, sender: Sender
) -> int:
    """The chat of a new conversation; an e-mail chat is named by its first message's receipt."""
    return await uow.add(
        t.chat,
        account_id=account.id,
        key=message.chat_key if message.chat_key is not None else incoming.key,
        contact_id=sender.card_id,
        address_id=sender.address_id,
        subject=clean_line(message.title) if message.title else None,
        created_at=uow.now,
    )


async def remember(
    uow: UnitOfWork, ws: WorkingSet, source_ids: Iterable[str], chat_id: int
) -> None:
    """Keep every id by which a later message may name this chat; the first chat keeps an id."""
    if not ws.account.can(Capability.THREADS):
        return
    ids = {clean_line(source_id) for source_id in source_ids} - {""}
    rows = [
        {"account_id": ws.account.id, "source_id": source_id, "chat_id": chat_id}
        for source_id in sorted(ids - ws.ids.chats.keys())
    ]
    if rows:
        await uow.connection.execute(_REMEMBER[uow.sqlite], rows)
    ws.ids.lead(ids, chat_id)


async def lock_chat(uow: UnitOfWork, chat_id: int) -> Row[Any]:
    """The chat's row, locked: two receivers take turns over what its next message does (R4).

    ``owner_id`` is its contact's card, merged ones resolved.
    """
    query = _CHAT if uow.sqlite else _CHAT.with_for_update(of=t.chat)
    return (await uow.connection.execute(query, {"id": chat_id})).one()


async def is_outside(uow: UnitOfWork, chat_id: int | None) -> bool:
    """Whether it is a thread with somebody to whom something was forwarded (R45)."""
    query = select(t.chat.c.outside).where(t.chat.c.id == chat_id)
    return bool(await uow.connection.scalar(query)) if chat_id is not None else False


async def current_task(uow: UnitOfWork, chat_id: int) -> Task | None:
    """The task that takes the chat's messages now, resolved through merges."""
    return (await snapshots.task_of_chat(uow, chat_id))[0]


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
    ws: WorkingSet,
    message: Message,
    sender: Sender | None,
    current: Task | None,
    spam: bool,
    history: bool,
) -> Task:
    """A new task; R8's link to the last one of this contact, R44's assignee, R42's spam."""
    account = ws.account
    at = min(message.sent_at, uow.now)
    last = None
    if sender is not None and sender.known and not spam and not history:
        last = await previous_task.last_task(uow, sender.contact_id)
    status = await (statuses.finished_status if history else statuses.first_status)(uow)
    before = Before(None)
    had_it = None
    if current is not None and current.assignee is not None and current.assignee.kind == "agent":
        had_it = current.assignee.id
    private_to = account.owner_id if account.role == "personal" else None
    if private_to is not None and not spam and not ws.agents[private_to].active:
        # Seen by the owner alone, a task of theirs would be seen by nobody.
        before = await deputies.before(uow, private_to)
        private_to = private_to if before.assignee_id is not None else None
        had_it = None
    deleted_at, closed_at = uow.now if spam else None, uow.now if history else None
    name = title(message)
    task_id = await uow.add_root(
        t.task,
        title=name,
        status=status,
        active=not history,
        contact_id=sender.card_id if sender else None,
        account_id=account.id,
        assignee_agent_id=before.assignee_id,
        previous_task_id=last,
        spam=spam,
        private_to_id=private_to,
        deleted_at=deleted_at,
        closed_at=closed_at,
        created_at=at,
        last_activity_at=at,
    )
    ws.tasks_to_index.append(task_id)
    task = Task(
        task_id,
        title=name,
        status=status,
        active=not history,
        contact_id=sender.contact_id if sender else None,
        account_id=account.id,
        assignee=_agent(before),
        previous_task_id=last,
        spam=spam,
        private_to_id=private_to,
        deleted_at=deleted_at,
        closed_at=closed_at,
        last_activity_at=at,
    )
    if had_it is not None:
        before = await deputies.before_in(uow, task, had_it)
        await uow.connection.execute(
            update(t.task)
            .where(t.task.c.id == task_id)
            .values(assignee_agent_id=before.assignee_id)
        )
        task = replace(task, assignee=_agent(before))
    if before.instead_of is not None:
        await deputies.say_so(uow, task, before)
    return task


def _agent(before: Before) -> Who | None:
    return Who("agent", before.assignee_id) if before.assignee_id is not None else None


def title(message: Message) -> str:
    """What a task that this message opens is called."""
    if subject := clean_line(message.title or ""):
        return subject
    first = next((line for line in clean(message.text).splitlines() if line.strip()), "")
    if not first and message.files:
        first = message.files[0].name
    return clean_line(first, 80) or "…"


async def bind(uow: UnitOfWork, chat_id: int, task_id: int, *, current: bool) -> None:
    """A new task has this chat; ``current``: it takes its messages, too, from whatever task did."""
    if current:
        await uow.connection.execute(_LEAVE, {"chat": chat_id})
    await add_binding(uow, chat_id, task_id, current=current)


async def add_binding(uow: UnitOfWork, chat_id: int, task_id: int, *, current: bool = True) -> None:
    """The first binding of the two; no other task takes the chat's messages."""
    await uow.add(t.binding, task_id=task_id, chat_id=chat_id, current=current, created_at=uow.now)


async def move_current(uow: UnitOfWork, chat_id: int, task_id: int, *, aside: bool = False) -> None:
    """From now on this task takes the chat's messages; the old binding stays as history.

    ``aside``: what is said in the task later does not go there (R16).
    """
    await uow.connection.execute(_LEAVE, {"chat": chat_id})
    known = await uow.connection.execute(
        update(t.binding)
        .where(t.binding.c.chat_id == chat_id, t.binding.c.task_id == task_id)
        .values(current=True, aside=aside)
    )
    if known.rowcount == 0:
        await uow.add(
            t.binding,
            task_id=task_id,
            chat_id=chat_id,
            current=True,
            aside=aside,
            created_at=uow.now,
        )
