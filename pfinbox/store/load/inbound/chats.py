"""Loading the chats that the messages of a batch may belong to, and the tasks that they serve."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from pfinbox.domain.contract.incoming import Incoming, Message, Unreadable
from pfinbox.domain.inbound.known import KnownChat, KnownTask, NumberedTask
from pfinbox.domain.inbound.threading import chat_of_token
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Binding
from pfinbox.domain.text.subjects import stem
from pfinbox.store import locks, snapshots
from pfinbox.store import tables as t
from pfinbox.store.load.inbound.chat_statements import chats_by_id, chats_by_key, root_tasks
from pfinbox.store.load.inbound.portions import in_portions
from pfinbox.store.uow import UnitOfWork

# How many of a sender's conversations are looked through for a subject.
_CHATS = 200


async def load(uow: UnitOfWork, ws: WorkingSet, items: Sequence[Incoming]) -> None:
    """``ws.chats`` with ``keys``, ``subjects`` and ``numbers``; ``serving``, ``tasks``."""
    keys = {one for one in (_key(item) for item in items) if one is not None}
    messages = [one.event for one in items if isinstance(one.event, Message)]
    live = [one.event for one in items if isinstance(one.event, Message) and not one.history]
    ids = set(ws.ids.chats.values())
    ids |= {one.chat_id for some in ws.ids.comments.values() for one in some if one.chat_id}
    tokens = (token for one in messages for token in (*one.tokens, *one.id_tokens))
    ids |= {chat_id for chat_id in map(chat_of_token, tokens) if chat_id is not None}
    ids |= await _by_subject(uow, ws, messages)
    roots = await _by_number(uow, ws, {one.task_number for one in live if one.task_number})
    ids |= {chat_id for one in ws.numbers.values() for chat_id in one.chat_ids}
    pages = [one.by_page for one in messages if one.by_page is not None]
    ids |= {one.chat_id for one in pages if one.chat_id is not None}
    roots |= {one.task_id for one in pages if one.task_id is not None}
    if not (ids or keys or roots):
        return
    if not uow.sqlite:
        await _lock(uow, ws.account.id, ids, keys, roots)
    for statement, names in ((chats_by_id(), ids), (chats_by_key(), keys)):
        async for row in in_portions(uow, statement, "names", names, account_id=ws.account.id):
            _chat(ws, row)
    await whole_tasks(uow, ws, roots - ws.tasks.keys())
    missing = {n for n, one in ws.numbers.items() if one.root_id not in ws.tasks}
    ws.numbers = {n: one for n, one in ws.numbers.items() if n not in missing}


def _key(item: Incoming) -> str | None:
    if isinstance(item.event, Unreadable):
        return f"quarantine:{item.key}"
    return item.event.chat_key if isinstance(item.event, Message) else None


async def _by_subject(uow: UnitOfWork, ws: WorkingSet, messages: Collection[Message]) -> set[int]:
    """The last chats of senders under the subjects that they answer."""
    wanted = {
        (ws.people[one.sender.value].contact_id, one.answered_subject)
        for one in messages
        if one.answered_subject is not None and one.sender.value in ws.people
    }
    if not wanted:
        return set()
    newest = func.row_number().over(partition_by=t.contact.c.root_id, order_by=t.chat.c.id.desc())
    theirs = (
        select(t.chat.c.id, t.chat.c.subject, t.contact.c.root_id, newest.label("n"))
        .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
        .where(
            t.chat.c.account_id == ws.account.id,
            t.contact.c.root_id.in_({contact_id for contact_id, _subject in wanted}),
            t.chat.c.subject.is_not(None),
        )
        .subquery()
    )
    rows = await uow.connection.execute(
        select(theirs).where(theirs.c.n <= _CHATS).order_by(theirs.c.id.desc())
    )
    for row in rows:
        place = row.root_id, stem(row.subject)[0]
        if place in wanted:
            ws.subjects.setdefault(place, row.id)
    return set(ws.subjects.values())


async def _by_number(uow: UnitOfWork, ws: WorkingSet, numbers: Collection[int]) -> set[int]:
    """The root tasks that the numbers in subjects mean; purged ones are for nobody to name."""
    if not numbers:
        return set()
    root = t.task.alias("root")
    rows = await uow.connection.execute(
        select(t.task.c.id, root.c.id.label("root_id"))
        .join(root, root.c.id == t.task.c.root_id)
        .where(t.task.c.id.in_(numbers), t.task.c.purged_at.is_(None), root.c.purged_at.is_(None))
    )
    roots = {row.id: row.root_id for row in rows}
    bound = await uow.connection.execute(
        select(t.task.c.root_id, t.binding.c.chat_id)
        .join(t.binding, t.binding.c.task_id == t.task.c.id)
        .join(t.chat, t.chat.c.id == t.binding.c.chat_id)
        .where(t.task.c.root_id.in_(set(roots.values())), t.chat.c.account_id == ws.account.id)
        .order_by(t.binding.c.id)
    )
    chats: dict[int, dict[int, None]] = {}
    for row in bound:
        chats.setdefault(row.root_id, {})[row.chat_id] = None
    for number, root_id in roots.items():
        ws.numbers[number] = NumberedTask(root_id, tuple(chats.get(root_id, ())))
    return set(roots.values())


async def _lock(
    uow: UnitOfWork, account_id: int, ids: set[int], keys: set[str], roots: set[int]
) -> None:
    """Lock chats, then root tasks, in the order of their ids (R4): two receivers take turns.

    With a task all its chats: it may take them back.
    """
    named = or_(
        t.chat.c.id.in_(ids), and_(t.chat.c.account_id == account_id, t.chat.c.key.in_(keys))
    )
    first, own, others, also = t.binding.alias(), t.task.alias(), t.binding.alias(), t.task.alias()
    served = (
        select(own.c.root_id)
        .join(first, first.c.task_id == own.c.id)
        .join(t.chat, t.chat.c.id == first.c.chat_id)
        .where(named, first.c.current)
    )
    beside = (
        select(others.c.chat_id)
        .join(also, also.c.id == others.c.task_id)
        .where(also.c.root_id.in_(served))
    )
    chats = select(t.chat.c.id).where(or_(named, t.chat.c.id.in_(beside))).order_by(t.chat.c.id)
    await locks.hold_chats(uow, chats)
    tasks = (
        select(t.task.c.id)
        .where(or_(t.task.c.id.in_(roots), t.task.c.id.in_(served)))
        .order_by(t.task.c.id)
        .with_for_update()
    )
    locked: set[int] = set()
    while True:
        locked |= set(await uow.connection.scalars(tasks))
        # Who waited here reads after it what the others wrote meanwhile, a merge included.
        if set(await uow.connection.scalars(served)) <= locked:
            uow.held_tasks |= locked
            return


def _chat(ws: WorkingSet, row: Row[Any]) -> None:
    ws.chats[row.chat_id] = KnownChat(
        row.chat_id,
        row.key,
        row.card_id,
        row.owner_id,
        row.address_id,
        address=row.address or "",
        address_blocked=row.address_blocked_at is not None,
        answer_to=row.answer_to,
        left_address=row.left_address,
        subject=row.subject,
        blocked=row.blocked_at is not None,
        outside=row.outside,
        greeting=row.greeting,
        last_incoming_at=row.last_incoming_at,
    )
    ws.keys[row.key] = row.chat_id
    if row.binding_id is None:
        return
    ws.serving[row.chat_id] = Binding(
        row.binding_id, row.chat_id, row.serving_id, row.serving_root, current=True
    )
    if row.purged_at is None and row.id not in ws.tasks:
        ws.tasks[row.id] = _known_task(ws, row)


def _known_task(ws: WorkingSet, row: Row[Any]) -> KnownTask:
    last, *agents = map(int, (row.last_to_client or "0").split())
    if last:
        ws.notified[last] = frozenset(agents)
    return KnownTask(
        snapshots.root_of(row),
        created_at=row.created_at,
        recorded_at=row.recorded_at,
        last_to_client=last or None,
    )


async def whole_tasks(uow: UnitOfWork, ws: WorkingSet, root_ids: Collection[int]) -> None:
    """Add further root tasks to ``ws.tasks``."""
    if not root_ids:
        return
    rows = await uow.connection.execute(root_tasks(), {"ids": sorted(root_ids)})
    for row in rows:
        ws.tasks[row.id] = _known_task(ws, row)
