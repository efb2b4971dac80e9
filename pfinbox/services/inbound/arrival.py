"""A client's message becomes a task or a comment in one (R1-R10): the rules meet the store here."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import Incoming, Message, Sort
from pfinbox.domain.events import ParticipantWrote, Reopened, Woken
from pfinbox.domain.inbound.lifecycle import Landing, land
from pfinbox.domain.inbound.threading import Match, choose_chat
from pfinbox.domain.inbound.working_set import Named, NamedComment, WorkingSet
from pfinbox.domain.model import Task
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.domain.text.preview import preview
from pfinbox.services.inbound import acknowledging, history_import, threading
from pfinbox.services.people import senders
from pfinbox.services.tasks import bindings, routing, unread
from pfinbox.store import files, journal, moments, snapshots, statuses
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_TAKE_PART = insert(t.participant)
_SAID = (
    select(t.comment.c.id)
    .join(t.task, t.task.c.id == t.comment.c.task_id)
    .where(t.task.c.root_id == bindparam("root"), t.comment.c.internal.is_(False))
    .limit(1)
)
_SINCE = _SAID.where(t.comment.c.created_at > bindparam("at", type_=t.comment.c.created_at.type))
_LAST_TO_CLIENT = _SAID.where(
    t.comment.c.direction == "outgoing",
    t.comment.c.automatic.is_(False),
    t.comment.c.imported.is_(False),
    t.comment.c.id < bindparam("before"),
).order_by(t.comment.c.id.desc())


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where a message landed."""

    task_id: int
    comment_id: int


@dataclass(frozen=True, slots=True)
class _Place:
    """The task that takes a message, and the chat by which it came.

    ``origin_id``: the chat's own task; what comes by a merged chat goes back with it (R33).
    """

    task: Task
    chat: Row[Any]
    origin_id: int
    landing: Landing
    opened: bool = False


async def arrive(uow: UnitOfWork, ws: WorkingSet, incoming: Incoming, message: Message) -> Arrived:
    """Store a client's message; everything that follows from it is in the same transaction."""
    account, history = ws.account, incoming.history
    sender = await senders.find_or_make(uow, account, message.sender, known_by=account.id)
    known = await threading.known_ids(
        uow,
        ws,
        message,
        # Nobody has heard of a new card.
        sender.contact_id if sender.known else None,
        history=history,
        late=incoming.late,
    )
    match = choose_chat(message, known)
    if match.hint is not None:
        message = replace(message, warnings=(*message.warnings, match.hint))
    place = await _place(uow, ws, incoming, message, sender, match)
    task, chat = place.task, place.chat
    message = replace(message, sent_at=await moments.said_at(uow, task.id, message.sent_at))
    comment_id, quote_id = await _comment(uow, ws, incoming, message, match, sender, place)
    await routing.remember(uow, ws, (message.source_id, *message.references), chat.id)
    await _update_chat(uow, chat, message, sender, history)
    if sender.contact_id != task.contact_id:
        await _take_part(uow, task, sender)
    await _touch_task(uow, ws, task, place.landing, message, comment_id, quote_id, history)
    if history:
        await history_import.came(uow, account, message, comment_id, task, sender.contact_id)
    elif place.opened and not task.spam:
        await acknowledging.acknowledge(uow, ws, message, sender, task.id, chat.id)
    ws.arrived = True
    uow.touch("tasks")
    return Arrived(task.id, comment_id)


async def _place(
    uow: UnitOfWork,
    ws: WorkingSet,
    incoming: Incoming,
    message: Message,
    sender: Sender,
    match: Match,
) -> _Place:
    """The chat that was matched, or a new one, and its task, or a new one."""
    account, history = ws.account, incoming.history
    chat_id = match.chat_id
    if chat_id is None:
        chat_id = await routing.make_chat(uow, account, incoming, message, sender)
        if history and not message.spam and not sender.blocked:
            await history_import.adopt_notes(uow, ws, message, chat_id)
    chat = await routing.lock_chat(uow, chat_id)
    blocked = sender.blocked or chat.blocked_at is not None
    serving, own_id = await snapshots.task_of_chat(uow, chat_id)
    current = serving
    if blocked:
        current = await routing.spam_task(uow, chat_id) or current
    landing = land(
        current,
        account.new_task_after_close,
        uow.now,
        sort=message.sort,
        blocked=blocked,
        threads=account.can(Capability.THREADS),
        history=history,
    )
    # By another of its chats the client may have opened a new task since it was finished.
    if landing.reopen and current and not await bindings.took_chats_back(uow, current):
        landing = Landing(None)
    if landing.task_id is not None and current is not None:
        same = serving is not None and serving.id == current.id
        origin_id = own_id if same and own_id is not None else current.id
        if history and not message.spam and not blocked:
            current = await history_import.begin(uow, current, message, chat_id, sender)
            chat = await routing.lock_chat(uow, chat_id)
        return _Place(current, chat, origin_id, landing)
    spam = blocked or message.spam
    taken = spam and current is not None and current.living
    if spam and match.chat_id is not None and account.can(Capability.THREADS):
        # Whatever conversation it was, in the trash or not, keeps its thread (unspam, restore);
        # spam begins one of its own.
        chat_id = await routing.make_chat(uow, account, incoming, message, sender)
        chat = await routing.lock_chat(uow, chat_id)
        taken = False
    task = await routing.open_task(
        uow, ws, message, sender, None if spam else current, spam, history
    )
    if chat_id == match.chat_id:
        await routing.bind(uow, chat_id, task.id, current=not taken)
    else:
        await routing.add_binding(uow, chat_id, task.id)
    return _Place(task, chat, task.id, landing, opened=True)


async def _comment(
    uow: UnitOfWork,
    ws: WorkingSet,
    incoming: Incoming,
    message: Message,
    match: Match,
    sender: Sender,
    place: _Place,
) -> tuple[int, int | None]:
    """The new comment, and the one that it answers."""
    chat = place.chat
    # Whoever else comes into a thread with somebody outside is there by the same forward; but the
    # client's own words are the client's to see.
    outside = bool(chat.outside) and sender.contact_id != place.task.contact_id
    quote_id, awaited = _answered(ws.ids, message, chat.id)
    source_id = clean_line(message.source_id) or None
    digest = ws.marks[incoming.key].digest
    comment_id = await uow.add(
        t.comment,
        task_id=place.origin_id,
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
        account_id=ws.account.id,
        chat_id=chat.id,
        source_id=source_id,
        matched_by=match.why.as_json(),
        warnings=[warning.as_json() for warning in message.warnings] or None,
        recipients=_recipients(message),
        digest=digest,
    )
    if incoming.history and awaited:
        await history_import.expect(uow, ws.account, comment_id, awaited)
    await files.attach(uow, comment_id, message.files)
    ws.comments_to_index.append(comment_id)
    if source_id is not None:
        named = NamedComment(comment_id, "came", chat.id, sender.contact_id, digest)
        ws.ids.add(source_id, named)
    return comment_id, quote_id


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


def _answered(ids: Named, message: Message, chat_id: int) -> tuple[int | None, tuple[str, ...]]:
    """The comment that a message answers: incoming, or a part of ours; the most specific one.

    Several may have one id, as anybody may give theirs to a mail: one of this chat is meant, else
    ours. With it the names of what it answers still more, and that is not here.
    """
    for rank, name in enumerate(message.references):
        if found := ids.of(name):
            best = max(found, key=lambda one: (one.chat_id == chat_id, one.how == "went", one.id))
            return best.id, message.references[:rank]
    return None, message.references


async def _update_chat(
    uow: UnitOfWork, chat: Row[Any], message: Message, sender: Sender, history: bool
) -> None:
    """The chat's own contact wrote: that is where an answer goes now. Others change nothing."""
    at = message.sent_at
    if chat.owner_id != sender.contact_id or (history and (chat.last_incoming_at or at) > at):
        return  # somebody else, or the past: how they write today is known
    answer_to = clean_line(message.answer_to.value) if message.answer_to else None
    await uow.change(
        t.chat,
        chat.id,
        address_id=sender.address_id,
        answer_to=answer_to,
        last_incoming_at=at,
        # Who writes can be written to again.
        writable=True,
        state_reason=None,
    )


async def _take_part(uow: UnitOfWork, task: Task, sender: Sender) -> None:
    """Somebody else wrote into the conversation (a colleague of the client's in Cc)."""
    if any(w.kind == "contact" and w.id == sender.contact_id for w in task.participants):
        return
    await uow.connection.execute(
        _TAKE_PART, {"task_id": task.id, "contact_id": sender.card_id, "let_in": False}
    )
    await journal.record(uow, task.id, ParticipantWrote(contact=sender.contact_id))


async def _touch_task(
    uow: UnitOfWork,
    ws: WorkingSet,
    task: Task,
    landing: Landing,
    message: Message,
    comment_id: int,
    quote_id: int | None,
    history: bool,
) -> None:
    human = message.sort is Sort.HUMAN
    values = await last_word(uow, task, message, "incoming", history=history)
    if landing.reopen:
        values |= {
            "status": await statuses.reopened_status(uow),
            "active": True,
            "closed_at": None,
        }
        await journal.record(uow, task.id, Reopened(by="client"))
    if human and not history and not task.spam and task.snoozed_until is not None:
        values["snoozed_until"] = None
        await journal.record(uow, task.id, Woken(by="client"))
    if not human or history or task.spam:
        await uow.change(t.task, task.id, **values)
        return
    if task.waiting_since is None:
        values["waiting_since"] = message.sent_at
    answered_id = quote_id or await _last_to_client(uow, task.id, comment_id)
    await unread.client_wrote(uow, task, ws, comment_id, answered_id=answered_id, values=values)


async def last_word(
    uow: UnitOfWork, task: Task, message: Message, direction: str | None, *, history: bool
) -> dict[str, object]:
    """What the list shows of the task after this message; ``direction`` None: internal talk.

    ``message.sent_at`` is the moment that its comment has.
    """
    at = message.sent_at
    values: dict[str, object] = {"last_activity_at": max(at, task.last_activity_at or at)}
    # History comes after what is new, and what was sent elsewhere late: not the last word then.
    late = history or direction == "outgoing"
    line = preview(message.new_text or message.text, message.files[0].name if message.files else "")
    if direction is None:
        # Internal talk does not show, where there is anything else.
        return values | ({"last_line": line} if not task.last_line else {})
    if not (late and await _said_since(uow, task.id, at)):
        values |= {"last_line": line, "last_direction": direction}
    return values


async def _said_since(uow: UnitOfWork, task_id: int, at: datetime) -> bool:
    """Whether more was said between us and a client after that."""
    return await uow.connection.scalar(_SINCE, {"root": task_id, "at": at}) is not None


async def _last_to_client(uow: UnitOfWork, task_id: int, before_id: int) -> int | None:
    """The last comment that went to a contact: what a messenger's answer answers."""
    found: int | None = await uow.connection.scalar(
        _LAST_TO_CLIENT, {"root": task_id, "before": before_id}
    )
    return found
