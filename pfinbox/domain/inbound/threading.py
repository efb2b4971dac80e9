"""Which chat a message belongs to (R4, R5): first hit wins, all within one account."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from pfinbox.domain.contract.incoming import Message
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound.known import Named, order
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.record import record


@record
class Known:
    """What the store knows of the ids that a message names, within the message's account."""

    # The chat with the message's own key (messengers).
    by_key: int | None = None
    by_token: Mapping[str, int] = field(default_factory=dict)
    by_reference: Mapping[str, int] = field(default_factory=dict)
    by_id_token: Mapping[str, int] = field(default_factory=dict)
    # The chat in which an earlier read message answered this one: history comes in any order.
    by_own_id: int | None = None
    # The chat of the task in the subject's number, if the sender takes part in that task.
    by_number: int | None = None
    # That task, where somebody else named it.
    named_task: int | None = None
    # The sender's last chat with this subject, where the account matches so.
    by_subject: int | None = None


@record
class Match:
    """``chat_id`` is None for a conversation of its own; ``why`` is kept with the comment.

    ``hint`` is what a person should look at, because the rules may not believe it.
    """

    chat_id: int | None
    why: Reason
    hint: Reason | None = None


def choose_chat(message: Message, known: Known) -> Match:
    """The chat that ``message`` belongs to, or None for a new one."""
    if message.by_page is not None:
        return Match(message.by_page.chat_id, Reason("by_page"))
    if message.chat_key is not None:
        return Match(known.by_key, Reason("chat"))
    for token in message.tokens:
        if token in known.by_token:
            return Match(known.by_token[token], Reason("reply_address", {"token": token}))
    for source_id in message.references:
        if source_id in known.by_reference:
            return Match(
                known.by_reference[source_id], Reason("reference", {"source_id": source_id})
            )
    for token in message.id_tokens:
        if token in known.by_id_token:
            return Match(known.by_id_token[token], Reason("own_message_id", {"token": token}))
    if known.by_own_id is not None:
        return Match(known.by_own_id, Reason("answered_before"))
    if message.task_number is not None and known.by_number is not None:
        return Match(known.by_number, Reason("subject_number", {"task": message.task_number}))
    if known.by_subject is not None:
        return Match(known.by_subject, Reason("subject_sender"))
    hint = None
    if known.named_task is not None:
        hint = Reason("perhaps_belongs", {"task": known.named_task})
    return Match(None, Reason("new_conversation"), hint)


def known_ids(
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
    if message.chat_key is not None:
        return Known(by_key=ws.keys.get(message.chat_key))
    ids = ws.ids
    by_reference = {name: ids.chats[name] for name in message.references if name in ids.chats}
    by_own_id = None
    name = clean_line(message.source_id)
    # What came under this id already is what was named: this is another message (R12).
    if (history or late) and not any(one.how == "came" for one in ids.of(name)):
        by_own_id = ids.chats.get(name)
        # Anybody may name an id that is not here yet: only the sender's own chat has a claim.
        if by_own_id is not None and not history and not _is_of(ws, by_own_id, sender_id):
            by_own_id = None
    # A number in an old subject is somebody else's: there was no task of ours.
    numbered = ws.numbers.get(message.task_number or 0) if not history else None
    return Known(
        by_token=_chats(ws, message.tokens),
        by_reference=by_reference | _own_words(ids, message, sender_id),
        by_id_token=_chats(ws, message.id_tokens),
        by_own_id=by_own_id,
        by_number=_by_number(ws, message, sender_id) if numbered is not None else None,
        named_task=numbered.root_id if numbered is not None else None,
        by_subject=_by_subject(ws, message, sender_id),
    )


def chat_of_token(token: str) -> int | None:
    """The chat that a signed reply address names."""
    return int(token[1:]) if token[:1] == "c" and token[1:].isdigit() else None


def _is_of(ws: WorkingSet, chat_id: int, contact_id: int | None) -> bool:
    return contact_id is not None and ws.chats[chat_id].contact_id == contact_id


def _chats(ws: WorkingSet, tokens: Sequence[str]) -> dict[str, int]:
    """The chats that tokens name, as far as they are of this account."""
    named = ((token, chat_of_token(token)) for token in tokens)
    return {token: chat_id for token, chat_id in named if chat_id in ws.chats}


def _own_words(ids: Named, message: Message, sender_id: int | None) -> dict[str, int]:
    """The chats of the sender's own messages among those that are answered.

    Others may have given theirs the same id (R12): nobody goes on in a stranger's conversation.
    """
    return {
        name: one.chat_id
        for name in message.references
        for one in sorted(ids.of(name), key=lambda one: order(one.id))
        if one.chat_id is not None and one.contact_id is not None and one.contact_id == sender_id
    }


def _by_number(ws: WorkingSet, message: Message, sender_id: int | None) -> int | None:
    """A chat of the task in the subject, only for somebody who takes part in it."""
    numbered = ws.numbers[message.task_number or 0]
    task = ws.tasks[numbered.root_id].task
    part = {task.contact_id, *(who.id for who in task.participants if who.kind == "contact")}
    if sender_id is None or sender_id not in part:
        return None
    chats = [ws.chats[chat_id] for chat_id in numbered.chat_ids]
    theirs = [chat for chat in chats if chat.contact_id == sender_id]
    # Never into a thread with somebody outside that is not the sender's.
    chats = theirs or [chat for chat in chats if not chat.outside]
    return chats[-1].id if chats else None


def _by_subject(ws: WorkingSet, message: Message, sender_id: int | None) -> int | None:
    """The last chat in which this very sender wrote or was written to under this subject."""
    if message.answered_subject is None or sender_id is None:
        return None
    return ws.subjects.get((sender_id, message.answered_subject))
