"""What one thing received does to the inbox: a decision over the batch's working set.

Nothing here reads or writes; rows are named by local ids until the store gives them theirs.
"""

from dataclasses import replace

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Ignored, Incoming, Message, Sort, Unreadable
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound import arrival, forwarded, sent_outside
from pfinbox.domain.inbound.identity import purged
from pfinbox.domain.inbound.known import NamedComment
from pfinbox.domain.inbound.working_set import WorkingSet, known_by_bytes
from pfinbox.domain.notices.answers import read_token
from pfinbox.domain.outbound import doubts
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.subjects import is_forward
from pfinbox.record import record


@record
class Outcome:
    """What became of something received; ``state`` as a receipt has it."""

    state: str
    comment_id: int | None = None
    reason: Reason | None = None
    # To be said there at once.
    reply: Outgoing | None = None
    # To be read again by itself.
    again: bool = False


class Apart(Exception):
    """It is a rare event, which is decided over the store itself, alone."""


def decide(ws: WorkingSet, incoming: Incoming) -> Outcome | None:
    """What it does; None when the very same receipt is there already.

    Raises :class:`Apart`, before anything is decided, for what needs more than the working set.
    """
    if incoming.key in ws.receipts:
        return None
    sha256 = ws.marks[incoming.key].sha256
    if known_by_bytes(incoming) and sha256 in ws.by_bytes:
        return Outcome("duplicate", ws.by_bytes[sha256], Reason("same_message"))
    return event(ws, incoming)


def event(ws: WorkingSet, incoming: Incoming) -> Outcome:
    """What the event does, without looking at receipts."""
    if incoming.key in ws.purged:
        return Outcome("ignored", reason=Reason("purged"))
    match incoming.event:
        case Message() as message:
            return _message(ws, incoming, message)
        case Unreadable() as unreadable:
            return _quarantine(ws, incoming, unreadable)
        case Ignored(reason=reason):
            return Outcome("ignored", reason=reason)
        case _:
            raise Apart


def keep(ws: WorkingSet, incoming: Incoming, outcome: Outcome) -> None:
    """Add the receipt of something received."""
    # What was purged once is known by a keyed hash alone (R34).
    gone = outcome.reason is not None and outcome.reason.kind == "purged"
    raw = b"" if gone else incoming.packed or incoming.raw
    sha256 = "" if gone else ws.marks[incoming.key].sha256
    ws.receipts.add(incoming.key)
    ws.by_bytes.setdefault(sha256, outcome.comment_id)
    receipt_id = ws.make(
        "receipt",
        account_id=ws.account.id,
        key=incoming.key,
        received_at=ws.now,
        raw=raw,
        sha256=sha256,
        size=0 if gone else len(incoming.raw),
        state=outcome.state,
        reason=outcome.reason.as_json() if outcome.reason else None,
        comment_id=outcome.comment_id,
        reread_asked_at=ws.now if outcome.again else None,
    )
    if not gone:
        stand_in(ws, receipt_id, incoming)


def stand_in(ws: WorkingSet, receipt_id: int, incoming: Incoming) -> None:
    """The raw bytes of this receipt are there, with the message's files in them."""
    if some := _files_of(incoming):
        ws.decided.stand_in.append((receipt_id, some))


def _files_of(incoming: Incoming) -> tuple[File, ...]:
    """The files that stand in the bytes of something received."""
    event = incoming.event
    if not isinstance(event, Message):
        return ()
    original = event.original.files if event.original is not None else ()
    return tuple(one for one in (*event.files, *original) if one.slice is not None)


def _message(ws: WorkingSet, incoming: Incoming, message: Message) -> Outcome:
    same = _repeated(ws, incoming, message)
    if same is not None:
        outcome = Outcome("duplicate", same, Reason("same_message"))
    else:
        outcome = _new(ws, incoming, message)
    if outcome.comment_id is not None:
        remember_also(ws, message, outcome.comment_id)
    return outcome


def go_on(ws: WorkingSet, incoming: Incoming, taken: Outcome | Message) -> Outcome:
    """The rest, after a rare event was taken over the store itself.

    ``taken``: what it did there, or the message that is still to be decided as any other.
    """
    outcome = taken if isinstance(taken, Outcome) else _by_sender(ws, incoming, taken, alone=True)
    if isinstance(incoming.event, Message) and outcome.comment_id is not None:
        remember_also(ws, incoming.event, outcome.comment_id)
    return outcome


def _repeated(ws: WorkingSet, incoming: Incoming, message: Message) -> int | None:
    """The comment that shows this very message: with its id and with all that it says (R12).

    Nobody can suppress a message by reusing an id, ours included.
    """
    source_id = clean_line(message.source_id)
    if not source_id:
        return None
    if came_back(ws, incoming, message) is not None:
        raise Apart
    return ws.ids.repeat_of(source_id, ws.marks[incoming.key].digest)


def came_back(ws: WorkingSet, incoming: Incoming, message: Message) -> int | None:
    """The comment that we sent, if this is our own copy of it: so it was sent (R24)."""
    source_id = clean_line(message.source_id)
    repeats = ws.ids.repeat_of(source_id, ws.marks[incoming.key].digest)
    if repeats is not None or not purged.may_be_ours(ws.account, message):
        return None
    # Some servers change the case of what they keep.
    return ws.ids.sent_under({source_id, source_id.lower()})


def remember_also(ws: WorkingSet, message: Message, comment_id: int) -> None:
    """Remember the further ids of what arrived."""
    for name in dict.fromkeys(clean_line(one) for one in message.also):
        if name and not any(one.how == "beside" for one in ws.ids.of(name)):
            ws.make(
                "comment_alias", account_id=ws.account.id, source_id=name, comment_id=comment_id
            )
            ws.ids.add(name, NamedComment(comment_id, "beside"))


def _new(ws: WorkingSet, incoming: Incoming, message: Message) -> Outcome:
    forward = forwarded.by_agent(ws, message)
    if forward is None:
        return _take(ws, incoming, message)
    outcome = _take(ws, incoming, forward.message)
    if outcome.state == "shown" and outcome.comment_id is not None:
        forwarded.note(ws, incoming, forward, outcome.comment_id)
    return outcome


def _take(ws: WorkingSet, incoming: Incoming, message: Message) -> Outcome:
    if message.sort is Sort.OWN_LOOP:
        return Outcome("ignored", reason=Reason("own_loop"))
    notice = read_token(message.tokens)
    if message.sort is Sort.BOUNCE or (notice is not None and not incoming.history):
        raise Apart
    # Whoever answers a mail of ours has it. Further references only say what its sender knew of.
    if ws.ids.in_doubt(message.references[:1]):
        raise Apart
    if doubts.may_end(ws.account, incoming, message):
        raise Apart
    return _by_sender(ws, incoming, message, alone=False)


def _by_sender(ws: WorkingSet, incoming: Incoming, message: Message, *, alone: bool) -> Outcome:
    """A message of a client, or of our own side, as its sender says (R43).

    ``alone``: it is known that it answers no notice.
    """
    if message.sent_elsewhere:
        return _sent(ws, incoming, message)
    if not ws.account.can(Capability.GLOBAL_ADDRESSES):
        return _arrive(ws, incoming, message)
    side = ws.side
    if message.answer_to is not None and side.is_account(message.answer_to.value):
        # An answer would come back to ourselves.
        message = replace(message, answer_to=None)
    sender = clean_line(message.sender.value)
    if message.in_sent and (side.is_ours(sender) or sender not in ws.on_cards):
        # By another of our addresses, one that nobody configured included.
        return _sent(ws, incoming, message)
    if not side.is_ours(sender):
        return _arrive(ws, incoming, message)
    if (
        side.agent(sender) is None
        and message.answer_to is not None
        and not side.is_ours(message.answer_to.value)
    ):
        # A form on our site: sent by our own address for whoever filled it in.
        by = replace(message, sender=message.answer_to, answer_to=None, verified=False)
        return _arrive(ws, incoming, by)
    if not alone and may_answer_notice(ws, incoming, message):
        raise Apart
    # It proves nothing, so it is an internal note.
    if message.original is None and is_forward(message.title or ""):
        message = replace(message, warnings=(*message.warnings, Reason("forward_unclear")))
    return Outcome("shown", sent_outside.note(ws, incoming, message, side.agent(sender)))


def may_answer_notice(ws: WorkingSet, incoming: Incoming, message: Message) -> bool:
    """Whether an agent's mail may answer a notice, which another account may have sent."""
    by_agent = ws.side.agent(clean_line(message.sender.value)) is not None
    return by_agent and not incoming.history and bool(message.references)


def _sent(ws: WorkingSet, incoming: Incoming, message: Message) -> Outcome:
    return Outcome("shown", sent_outside.sent(ws, incoming, message))


def _arrive(ws: WorkingSet, incoming: Incoming, message: Message) -> Outcome:
    return Outcome("shown", arrival.arrive(ws, incoming, message).comment_id)


def _quarantine(ws: WorkingSet, incoming: Incoming, unreadable: Unreadable) -> Outcome:
    """Kept whole, shown as a task that says so; ``reprocess`` reads the bytes again."""
    message = Message(
        source_id="",
        chat_key=f"quarantine:{incoming.key}",
        sender=unreadable.sender or Party("", name="?"),
        sent_at=unreadable.sent_at,
        text="",
        title=unreadable.title or None,
        warnings=(unreadable.reason,),
        no_auto_reply=True,
    )
    sender = message.sender.value
    if ws.account.can(Capability.GLOBAL_ADDRESSES) and ws.side.is_ours(sender):
        note_id = sent_outside.note(ws, incoming, message, ws.side.agent(sender))
        return Outcome("quarantined", note_id, unreadable.reason, again=unreadable.again)
    arrived = arrival.arrive(ws, incoming, message)
    if not ws.account.can(Capability.THREADS):
        # A messenger knows no such chat: there is no way to answer by.
        why = Reason("no_route", {"name": message.sender.name})
        ws.change_chat(arrived.chat_id, writable=False, state_reason=why.as_json())
    return Outcome("quarantined", arrived.comment_id, unreadable.reason, again=unreadable.again)
