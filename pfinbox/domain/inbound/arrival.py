"""A client's message becomes a task or a comment in one (R1-R10)."""

from dataclasses import replace
from typing import Any

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Incoming, Message, Sort
from pfinbox.domain.events.comments import ClientWrote
from pfinbox.domain.events.tasks import ParticipantWrote, Reopened, TaskOpened
from pfinbox.domain.inbound import comments, history, opening, senders
from pfinbox.domain.inbound.comments import Place
from pfinbox.domain.inbound.known import KnownChat, KnownTask
from pfinbox.domain.inbound.lifecycle import Landing, land
from pfinbox.domain.inbound.reactions import reactions
from pfinbox.domain.inbound.reactions.acknowledging import answerable
from pfinbox.domain.inbound.threading import Match, choose_chat, known_ids
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Who
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.tasks import statuses
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.record import record


@record
class Arrived:
    """Where a message landed."""

    chat_id: int
    comment_id: int


@record
class _Landed:
    place: Place
    chat_id: int
    landing: Landing
    opened: bool = False


def arrive(ws: WorkingSet, incoming: Incoming, message: Message) -> Arrived:
    """Take a client's message in, with everything that follows from it."""
    past = incoming.history
    sender = senders.proven(ws, message) or senders.find_or_make(ws, message.sender)
    # Nobody has heard of a new card.
    sender_id = sender.contact_id if sender.known else None
    known = known_ids(ws, message, sender_id, history=past, late=incoming.late)
    match = choose_chat(message, known)
    if match.hint is not None:
        message = replace(message, warnings=(*message.warnings, match.hint))
    landed = _land(ws, incoming, message, sender, match)
    root, chat = landed.place.root, ws.chats[landed.chat_id]
    task_id = root.task.id
    message = ws.dated(task_id, message)
    if chat.greeting is not None:
        opening.show_greeting(ws, chat.id, chat.greeting, task_id, message)
    quote_id, awaited = comments.answered(ws.ids, message, chat.id)
    comment_id = comments.write(
        ws,
        incoming,
        message,
        match,
        landed.place,
        author=sender,
        awaited=awaited,
        quote_id=quote_id,
        quote_text=_quoted(message, quote_id),
        # Whoever else comes into a thread with somebody outside is there by the same forward; but
        # the client's own words are the client's to see. What somebody outside answers is no talk
        # with the client (R45).
        hidden=chat.outside and sender.contact_id != root.task.contact_id,
        automatic=message.sort is not Sort.HUMAN,
        verified=message.verified,
        recipients=_recipients(message),
    )
    opening.remember(ws, message, chat.id)
    if message.by_page is None:
        _update_chat(ws, chat, message, sender, past)
    if sender.contact_id != root.task.contact_id:
        _take_part(ws, root, sender)
    _touch_task(ws, root, landed.landing, message, past)
    ws.heard(sender.contact_id, message.sent_at, comment_id, task_id)
    if past:
        history.came(ws, message, comment_id, root, sender.contact_id)
    elif not root.task.spam:
        answered = quote_id or root.last_to_client
        _happened(ws, task_id, chat.id, comment_id, answered, sender, message, landed.opened)
    ws.decided.arrived = True
    ws.decided.topics.add("tasks")
    return Arrived(chat.id, comment_id)


def _happened(
    ws: WorkingSet,
    task_id: int,
    chat_id: int,
    comment_id: int,
    answered: int | None,
    sender: Sender,
    message: Message,
    opened: bool,
) -> None:
    """What a message of today says has happened; the past and spam are news for nobody."""
    if message.sort is Sort.HUMAN:
        reactions.follow(ws, task_id, ClientWrote(comment_id, answered))
    if opened:
        address = sender.value if sender.address_id is not None else None
        event = TaskOpened(comment_id, chat_id, sender.contact_id, address, answerable(ws, message))
        reactions.follow(ws, task_id, event)


def _land(
    ws: WorkingSet, incoming: Incoming, message: Message, sender: Sender, match: Match
) -> _Landed:
    """The chat that was matched, or a new one, and its task, or a new one."""
    account, past = ws.account, incoming.history
    threads = account.can(Capability.THREADS)
    chat_id = match.chat_id
    if chat_id is None:
        chat_id = opening.make_chat(ws, incoming, message, sender)
        if past and not message.spam and not sender.blocked:
            history.adopt_notes(ws, message, chat_id)
    blocked = sender.blocked or ws.chats[chat_id].blocked
    serving, own_id = ws.serves(chat_id)
    joins = match.chat_id is None and message.by_page is not None
    if joins and message.by_page is not None:
        # Somebody without a chat in that conversation, who is to be answered by this one.
        serving = ws.tasks.get(message.by_page.task_id or 0)
    current = serving
    if blocked and chat_id in ws.spam_tasks:
        current = ws.tasks[ws.spam_tasks[chat_id]]
    landing = land(
        current.task if current is not None else None,
        account.new_task_after_close,
        ws.now,
        sort=message.sort,
        blocked=blocked,
        threads=threads,
        history=past,
    )
    if landing.reopen and current is not None and not opening.reopen(ws, current):
        # By another of its chats the client has opened a new task since it was finished.
        landing = Landing(None)
    if landing.task_id is not None and current is not None:
        same = serving is current
        origin_id = own_id if same and own_id is not None else current.task.id
        if joins:
            opening.bind(ws, chat_id, current.task.id)
        if past and not message.spam and not blocked:
            history.begin(ws, current, message, chat_id, sender)
        return _Landed(Place(current, origin_id, chat_id), chat_id, landing)
    spam = blocked or message.spam
    taken = spam and current is not None and current.task.living
    if spam and match.chat_id is not None and threads:
        # Whatever conversation it was, in the trash or not, keeps its thread (unspam, restore);
        # spam begins one of its own.
        chat_id = opening.make_chat(ws, incoming, message, sender)
        taken = False
    before = current.task if current is not None and not spam else None
    root = opening.open_task(ws, message, sender, before, spam=spam, history=past)
    opening.bind(ws, chat_id, root.task.id, current=not taken)
    return _Landed(Place(root, root.task.id, chat_id), chat_id, landing, opened=True)


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


def _update_chat(
    ws: WorkingSet, chat: KnownChat, message: Message, sender: Sender, past: bool
) -> None:
    """The chat's own contact wrote: that is where an answer goes now. Others change nothing."""
    at = message.sent_at
    if chat.contact_id != sender.contact_id or (past and (chat.last_incoming_at or at) > at):
        return  # somebody else, or the past: how they write today is known
    ws.change_chat(
        chat.id,
        address_id=sender.address_id,
        answer_to=clean_line(message.answer_to.value) if message.answer_to else None,
        last_incoming_at=at,
        # Who writes can be written to again.
        writable=True,
        state_reason=None,
    )
    if (chat.address, chat.address_blocked) != (sender.value, sender.blocked):
        ws.chats[chat.id] = replace(
            ws.chats[chat.id], address=sender.value, address_blocked=sender.blocked
        )


def _take_part(ws: WorkingSet, root: KnownTask, sender: Sender) -> None:
    """Somebody else wrote into the conversation (a colleague of the client's in Cc)."""
    if root.takes_part(sender.contact_id):
        return
    task = root.task
    ws.join(task.id, sender.card_id, sender.contact_id)
    someone = Who("contact", sender.contact_id)
    root.task = replace(task, participants=(*task.participants, someone))
    ws.record(task.id, ParticipantWrote(contact=sender.contact_id))


def _touch_task(
    ws: WorkingSet,
    root: KnownTask,
    landing: Landing,
    message: Message,
    past: bool,
) -> None:
    """What the list shows of the task now."""
    task = root.task
    values = comments.last_word(root, message, "incoming", history=past)
    if landing.reopen:
        values |= {"status": statuses.reopened(ws.statuses), "active": True, "closed_at": None}
        ws.record(task.id, Reopened(by="client"))
    ws.change_task(task.id, **values)
