"""A client's message becomes a task or a comment in one (R1-R10): the rules meet the store here."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, literal, select, union_all, update

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import Incoming, Message, Sort
from pfinbox.domain.inbound.lifecycle import Landing, land
from pfinbox.domain.inbound.repeats import fingerprint_as_received
from pfinbox.domain.inbound.threading import Match, choose_chat
from pfinbox.domain.model import Account, Task
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.domain.text.preview import preview
from pfinbox.services.inbound import acknowledging, history_import, threading
from pfinbox.services.people import senders
from pfinbox.services.people.senders import Sender
from pfinbox.services.tasks import bindings, routing, unread
from pfinbox.store import files, journal, moments, snapshots, statuses
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.tables.base import BigInt
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where a message landed."""

    task_id: int
    comment_id: int


async def arrive(
    uow: UnitOfWork, account: Account, incoming: Incoming, message: Message
) -> Arrived:
    """Store a client's message; everything that follows from it is in the same transaction."""
    known = await threading.known_ids(
        uow, account, message, history=incoming.history, late=incoming.late
    )
    match = choose_chat(message, known)
    if match.hint is not None:
        message = replace(message, warnings=(*message.warnings, match.hint))
    sender = await senders.find_or_make(uow, account, message.sender, known_by=account.id)
    chat_id = match.chat_id
    if chat_id is None:
        chat_id = await routing.make_chat(uow, account, incoming, message, sender)
        if incoming.history and not message.spam and not sender.blocked:
            await history_import.adopt_notes(uow, account, message, chat_id)
    chat = await routing.lock_chat(uow, chat_id)
    blocked = sender.blocked or chat.blocked_at is not None
    current = await routing.current_task(uow, chat_id)
    if blocked:
        current = await routing.spam_task(uow, chat_id) or current
    landing = land(
        current,
        account.new_task_after_close,
        uow.now,
        sort=message.sort,
        blocked=blocked,
        threads=account.can(Capability.THREADS),
        history=incoming.history,
    )
    if landing.reopen and current is not None:
        # By another of its chats the client may have opened a new task since it was finished.
        if await bindings.rival(uow, current) is None:
            await bindings.take_chats_back(uow, current)
        else:
            landing = Landing(None)
    if landing.task_id is None or current is None:
        spam = blocked or message.spam
        taken = spam and current is not None and current.living
        if spam and match.chat_id is not None and account.can(Capability.THREADS):
            # Whatever conversation it was, in the trash or not, keeps its thread (unspam, restore);
            # spam begins one of its own.
            chat_id = await routing.make_chat(uow, account, incoming, message, sender)
            chat = await routing.lock_chat(uow, chat_id)
            taken = False
        task = await routing.open_task(
            uow, account, message, sender, None if spam else current, spam, incoming.history
        )
        await routing.bind(uow, chat_id, task.id, current=not taken)
        new = not (spam or incoming.history)
    else:
        task, new = current, False
        if incoming.history and not message.spam and not blocked:
            task = await history_import.begin(uow, task, message, chat_id, sender)
            chat = await routing.lock_chat(uow, chat_id)
    message = replace(message, sent_at=await moments.said_at(uow, task.id, message.sent_at))
    comment_id = await _comment(uow, account, incoming, message, match, sender, task, chat)
    await routing.remember(uow, account, (message.source_id, *message.references), chat_id)
    await _update_chat(uow, chat, message, sender, incoming.history)
    if sender.contact_id != task.contact_id:
        await _take_part(uow, task, sender)
    await _touch_task(uow, account, task, landing, message, comment_id, incoming.history)
    if incoming.history:
        await history_import.came(uow, account, message, comment_id, task, sender.contact_id)
    if new:
        await acknowledging.acknowledge(uow, account, message, sender, task.id, chat_id)
    await uow.connection.execute(
        update(t.account).where(t.account.c.id == account.id).values(last_received_at=uow.now)
    )
    uow.touch("tasks", "accounts")
    return Arrived(task.id, comment_id)


async def _comment(
    uow: UnitOfWork,
    account: Account,
    incoming: Incoming,
    message: Message,
    match: Match,
    sender: Sender,
    task: Task,
    chat: Row[Any],
) -> int:
    # Whoever else comes into a thread with somebody outside is there by the same forward; but the
    # client's own words are the client's to see.
    outside = bool(chat.outside) and sender.contact_id != task.contact_id
    quote_id, awaited = await _answered(uow, account, message, chat.id)
    comment_id = await uow.add(
        t.comment,
        task_id=await routing.origin(uow, chat.id, task.id),
        direction="incoming",
        contact_id=sender.card_id,
        text=clean(message.text),
        new_text=clean(message.new_text) if message.new_text is not None else None,
        quote_id=quote_id,
        quote_text=_quoted(message, quote_id),
        created_at=message.sent_at,
        claimed_at=message.claimed_at,
        # What somebody outside answers is no talk with the client (R45).
        hidden=outside,
        automatic=message.sort is not Sort.HUMAN,
        imported=incoming.history,
        verified=message.verified,
        account_id=account.id,
        chat_id=chat.id,
        source_id=clean_line(message.source_id) or None,
        matched_by=match.why.as_json(),
        warnings=[warning.as_json() for warning in message.warnings] or None,
        recipients=_recipients(message),
        digest=fingerprint_as_received(incoming),
    )
    if incoming.history and awaited:
        await history_import.expect(uow, account, comment_id, awaited)
    await files.attach(uow, comment_id, message.files)
    await index.index_comment(uow, comment_id)
    return comment_id


def _recipients(message: Message) -> dict[str, Any] | None:
    """To and Cc for reply-all, what these people are called (R45), and the Reply-To."""
    everyone = (*message.to, *message.cc)
    if not everyone and message.answer_to is None:
        return None
    return {
        "answer_to": [clean_line(message.answer_to.value)] if message.answer_to else [],
        "to": [clean_line(party.value) for party in message.to],
        "cc": [clean_line(party.value) for party in message.cc],
        "names": {clean_line(p.value): clean_line(p.name, 150) for p in everyone if p.name.strip()},
    }


def _quoted(message: Message, quote_id: int | None) -> str | None:
    """What the client marked; the whole of a message that was written before we were here (R19)."""
    text = message.quote_text or (message.answered_text if quote_id is None else None)
    return clean(text) if text else None


async def _answered(
    uow: UnitOfWork, account: Account, message: Message, chat_id: int
) -> tuple[int | None, tuple[str, ...]]:
    """The comment that a message answers: incoming, or a part of ours; the most specific one.

    Several may have one id, as anybody may give theirs to a mail: one of this chat is meant, else
    ours. With it the names of what it answers still more, and that is not here.
    """
    if not message.references:
        return None, ()
    came, went, beside = t.comment.c, t.part.c, t.comment_alias.c
    rows = await uow.connection.execute(
        union_all(
            *(
                select(of.source_id, comment_id, chat, literal(ours).label("ours")).where(
                    of.account_id == account.id, of.source_id.in_(message.references)
                )
                for of, comment_id, chat, ours in (
                    (came, came.id, came.chat_id, 0),
                    (went, went.comment_id, went.chat_id, 1),
                    (beside, beside.comment_id, literal(None, BigInt), 0),
                )
            )
        )
    )
    best = sorted(rows.all(), key=lambda row: (row[2] == chat_id, row[3], row[1]))
    found = {row[0]: int(row[1]) for row in best}
    for rank, name in enumerate(message.references):
        if name in found:
            return found[name], message.references[:rank]
    return None, message.references


async def _update_chat(
    uow: UnitOfWork, chat: Row[Any], message: Message, sender: Sender, history: bool
) -> None:
    """The chat's own contact wrote: that is where an answer goes now. Others change nothing."""
    owner = await snapshots.contact_root(uow, chat.contact_id)
    at = message.sent_at
    if owner != sender.contact_id or (history and (chat.last_incoming_at or at) > at):
        return  # somebody else, or the past: how they write today is known
    answer_to = clean_line(message.answer_to.value) if message.answer_to else None
    await uow.connection.execute(
        update(t.chat)
        .where(t.chat.c.id == chat.id)
        .values(
            address_id=sender.address_id,
            answer_to=answer_to,
            last_incoming_at=at,
            # Who writes can be written to again.
            writable=True,
            state_reason=None,
        )
    )


async def _take_part(uow: UnitOfWork, task: Task, sender: Sender) -> None:
    """Somebody else wrote into the conversation (a colleague of the client's in Cc)."""
    if any(w.kind == "contact" and w.id == sender.contact_id for w in task.participants):
        return
    await uow.connection.execute(
        insert(t.participant).values(task_id=task.id, contact_id=sender.card_id, let_in=False)
    )
    await journal.record(uow, task.id, "participant_wrote", contact=sender.contact_id)


async def _touch_task(
    uow: UnitOfWork,
    account: Account,
    task: Task,
    landing: Landing,
    message: Message,
    comment_id: int,
    history: bool,
) -> None:
    at = message.sent_at
    human = message.sort is Sort.HUMAN
    values = await last_word(uow, task.id, message, "incoming", history=history)
    if landing.reopen:
        values |= {
            "status": await statuses.reopened_status(uow),
            "active": True,
            "closed_at": None,
        }
        await journal.record(uow, task.id, "reopened", by="client")
    if human and not history and not task.spam and task.snoozed_until is not None:
        values["snoozed_until"] = None
        await journal.record(uow, task.id, "woken", by="client")
    await uow.connection.execute(update(t.task).where(t.task.c.id == task.id).values(**values))
    if not human or history or task.spam:
        return
    assignee_id = task.assignee.id if task.assignee and task.assignee.kind == "agent" else None
    answered_id = await uow.connection.scalar(
        select(t.comment.c.quote_id).where(t.comment.c.id == comment_id)
    ) or await _last_to_client(uow, task.id, comment_id)
    await unread.client_wrote(
        uow,
        task,
        account,
        comment_id,
        at,
        answered_id=answered_id,
        assignee_id=assignee_id,
    )


async def last_word(
    uow: UnitOfWork, task_id: int, message: Message, direction: str | None, *, history: bool
) -> dict[str, object]:
    """What the list shows of the task after this message; ``direction`` None: internal talk.

    ``message.sent_at`` is the moment that its comment has.
    """
    query = select(t.task.c.last_activity_at, t.task.c.last_line).where(t.task.c.id == task_id)
    row = (await uow.connection.execute(query)).one()
    at = message.sent_at
    values: dict[str, object] = {"last_activity_at": max(at, row.last_activity_at)}
    # History comes after what is new, and what was sent elsewhere late: not the last word then.
    late = history or direction == "outgoing"
    line = preview(message.new_text or message.text, message.files[0].name if message.files else "")
    if direction is None:
        # Internal talk does not show, where there is anything else.
        return values | ({"last_line": line} if not row.last_line else {})
    if not (late and await _said_since(uow, task_id, at)):
        values |= {"last_line": line, "last_direction": direction}
    return values


async def _said_since(uow: UnitOfWork, task_id: int, at: datetime) -> bool:
    """Whether more was said between us and a client after that."""
    since = (
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            t.task.c.root_id == task_id,
            t.comment.c.internal.is_(False),
            t.comment.c.created_at > at,
        )
        .limit(1)
    )
    return await uow.connection.scalar(since) is not None


async def _last_to_client(uow: UnitOfWork, task_id: int, before_id: int) -> int | None:
    """The last comment that went to a contact: what a messenger's answer answers."""
    found: int | None = await uow.connection.scalar(
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            t.task.c.root_id == task_id,
            t.comment.c.direction == "outgoing",
            t.comment.c.internal.is_(False),
            t.comment.c.automatic.is_(False),
            t.comment.c.imported.is_(False),
            t.comment.c.id < before_id,
        )
        .order_by(t.comment.c.id.desc())
        .limit(1)
    )
    return found
