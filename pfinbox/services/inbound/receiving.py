"""Receiving: the ledger of receipts, and what each thing received does to the inbox (R12).

One batch is one transaction together with the account's cursor; only after its commit does the
channel confirm it to the other side. Whatever is seen twice is shown once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select, update

from pfinbox.domain.actor import Actor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import (
    Batch,
    ChatMoved,
    ChatStarted,
    ChatState,
    Deletion,
    Edit,
    Event,
    Ignored,
    Incoming,
    Message,
    Outgoing,
    Party,
    Reaction,
    Sort,
    Unreadable,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound import purged
from pfinbox.domain.inbound.working_set import WorkingSet, known_by_bytes
from pfinbox.domain.notices import read_token
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.subjects import is_forward
from pfinbox.services.inbound import (
    agent_answers,
    arrival,
    bounces,
    chat_events,
    forwarded,
    message_events,
    sent_outside,
)
from pfinbox.services.outbound import send_recovery
from pfinbox.services.tasks import chat_moves, source_ids, spam
from pfinbox.store import files
from pfinbox.store import tables as t
from pfinbox.store.load import contacts as load_contacts
from pfinbox.store.load import inbound as load
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import accounts
from pfinbox.store.write import inbound as write


@dataclass
class Received:
    """What a batch did, for the log and for tests."""

    comment_ids: list[int] = field(default_factory=list)
    duplicates: int = 0
    quarantined: int = 0
    # What a program of ours says of its own accord, once, and never again if that fails.
    replies: list[Outgoing] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: str
    comment_id: int | None = None
    reason: Reason | None = None
    reply: Outgoing | None = None
    # To be read again by itself.
    again: bool = False


async def receive(uow: UnitOfWork, account_id: int, batch: Batch) -> Received:
    """Store a batch and its cursor; commit it before the next one is asked for."""
    done = Received()
    ws = await load.working_set(uow, account_id, batch.items)
    for incoming in batch.items:
        outcome = await _one(uow, ws, incoming)
        if outcome is None or outcome.state == "duplicate":
            done.duplicates += 1
        if outcome is None:
            continue
        if outcome.state == "quarantined":
            done.quarantined += 1
        if outcome.reply is not None:
            done.replies.append(outcome.reply)
        if outcome.comment_id is not None and outcome.state != "duplicate":
            done.comment_ids.append(outcome.comment_id)
        await _write_receipt(uow, ws, incoming, outcome)
        if outcome.state == "duplicate" and outcome.comment_id is not None:
            await _seen_again(uow, incoming, outcome.comment_id)
    if batch.profile is not None:
        await accounts.set_profile(uow, account_id, batch.profile)
    await write.finish(uow, ws, batch.cursor)
    return done


async def _seen_again(uow: UnitOfWork, incoming: Incoming, comment_id: int) -> None:
    """A copy says where the message lies now."""
    event = incoming.event
    if isinstance(event, Message) and not (event.spam or event.in_sent or incoming.history):
        await spam.moved_out(uow, comment_id)


async def _write_receipt(
    uow: UnitOfWork, ws: WorkingSet, incoming: Incoming, outcome: _Outcome
) -> None:
    # What was purged once is known by a keyed hash alone (R34).
    gone = outcome.reason is not None and outcome.reason.kind == "purged"
    raw = b"" if gone else incoming.packed or incoming.raw
    sha256 = "" if gone else ws.marks[incoming.key].sha256
    ws.receipts.add(incoming.key)
    ws.by_bytes.setdefault(sha256, outcome.comment_id)
    receipt_id = await uow.add(
        t.receipt,
        account_id=ws.account.id,
        key=incoming.key,
        received_at=uow.now,
        raw=raw,
        sha256=sha256,
        size=0 if gone else len(incoming.raw),
        state=outcome.state,
        reason=outcome.reason.as_json() if outcome.reason else None,
        comment_id=outcome.comment_id,
        reread_asked_at=uow.now if outcome.again else None,
    )
    await _files_stand_in(uow, receipt_id, incoming)


async def _files_stand_in(uow: UnitOfWork, receipt_id: int, incoming: Incoming) -> None:
    event = incoming.event
    if isinstance(event, Message):
        original = event.original.files if event.original is not None else ()
        await files.stand_in(uow, receipt_id, (*event.files, *original))


async def _one(uow: UnitOfWork, ws: WorkingSet, incoming: Incoming) -> _Outcome | None:
    """None when the very same receipt is there already."""
    if incoming.key in ws.receipts:
        return None
    sha256 = ws.marks[incoming.key].sha256
    if known_by_bytes(incoming) and sha256 in ws.by_bytes:
        return _Outcome("duplicate", ws.by_bytes[sha256], Reason("same_message"))
    return await handle(uow, ws, incoming)


async def handle(uow: UnitOfWork, ws: WorkingSet, incoming: Incoming) -> _Outcome:
    """What the event does, without looking at receipts (``reprocess`` comes here as well)."""
    if incoming.key in ws.purged:
        return _Outcome("ignored", reason=Reason("purged"))
    event: Event = incoming.event
    account = ws.account
    if ws.named is None:
        ws.named = await load.named(uow, account.id, ws.names)
    if isinstance(event, Message):
        return await _message(uow, ws, incoming, event)
    if isinstance(event, Unreadable):
        return await _quarantine(uow, ws, incoming, event)
    # What ids mean may be something else after any other event.
    ws.named = None
    match event:
        case Edit():
            return _Outcome(*await message_events.edit(uow, account, event))
        case Deletion():
            return _Outcome(*await message_events.delete(uow, account, event))
        case Reaction():
            return _Outcome(*await message_events.react(uow, account, event))
        case ChatStarted():
            reply = await chat_events.started(uow, account, event)
            why = Reason("invitation_stale" if reply is not None else "chat_started")
            return _Outcome("ignored", reason=why, reply=reply)
        case ChatMoved():
            await chat_moves.moved(uow, account.id, event.chat_key, event.new_key)
            return _Outcome("ignored", reason=Reason("chat_moved"))
        case ChatState():
            await chat_events.state(uow, account, event)
            return _Outcome("ignored", reason=event.reason)
        case Ignored():
            return _Outcome("ignored", reason=event.reason)


async def _message(
    uow: UnitOfWork, ws: WorkingSet, incoming: Incoming, message: Message
) -> _Outcome:
    same = await _repeated(uow, ws, incoming, message)
    if same is not None:
        outcome = _Outcome("duplicate", same, Reason("same_message"))
    else:
        outcome = await _new(uow, ws, incoming, message)
    await source_ids.came(uow, ws.account, message, outcome.comment_id)
    if message.also:
        ws.named = None
    return outcome


async def _new(uow: UnitOfWork, ws: WorkingSet, incoming: Incoming, message: Message) -> _Outcome:
    forward = forwarded.by_agent(ws, message)
    if forward is None:
        return await _take(uow, ws, incoming, message)
    outcome = await _take(uow, ws, incoming, forward.message)
    if outcome.state == "shown" and outcome.comment_id is not None:
        await forwarded.note(uow, ws.account, incoming, forward, outcome.comment_id)
    return outcome


async def _take(uow: UnitOfWork, ws: WorkingSet, incoming: Incoming, message: Message) -> _Outcome:
    account = ws.account
    if message.sort is Sort.OWN_LOOP:
        return _Outcome("ignored", reason=Reason("own_loop"))
    if message.sort is Sort.BOUNCE and await bounces.believe(uow, account, message):
        return _Outcome("ignored", reason=message.bounce_reason or Reason("bounced"))
    await _answered(uow, ws, message)
    notice = read_token(message.tokens)
    if notice is not None and not incoming.history:
        by_client = await agent_answers.of_client(uow, account, message, notice)
        taken = None if by_client else await agent_answers.take(uow, account, message, notice)
        if taken is not None:
            ws.named = None
            return _Outcome(taken.state, taken.comment_id, taken.reason)
        message = by_client or message
    if message.sent_elsewhere:
        return _Outcome("shown", await sent_outside.sent(uow, ws, incoming, message))
    if not account.can(Capability.GLOBAL_ADDRESSES):
        return await _arrive(uow, ws, incoming, message)
    side = ws.side
    if message.answer_to is not None and side.is_account(message.answer_to.value):
        # An answer would come back to ourselves.
        message = replace(message, answer_to=None)
    sender = clean_line(message.sender.value)
    if message.in_sent and (side.is_ours(sender) or not await _has_card(uow, sender)):
        # By another of our addresses, one that nobody configured included.
        return _Outcome("shown", await sent_outside.sent(uow, ws, incoming, message))
    if not side.is_ours(sender):
        return await _arrive(uow, ws, incoming, message)
    agent_id = side.agent(sender)
    if (
        agent_id is None
        and message.answer_to is not None
        and not side.is_ours(message.answer_to.value)
    ):
        # A form on our site: sent by our own address for whoever filled it in.
        by = replace(message, sender=message.answer_to, answer_to=None, verified=False)
        return await _arrive(uow, ws, incoming, by)
    if agent_id is not None and not incoming.history:
        stray = await agent_answers.take_stray(uow, account, message, agent_id)
        if stray is not None:
            ws.named = None
            return _Outcome(stray.state, stray.comment_id, stray.reason)
    if message.original is None and is_forward(message.title or ""):
        message = replace(message, warnings=(*message.warnings, Reason("forward_unclear")))
    return _Outcome("shown", await sent_outside.note(uow, ws, incoming, message, agent_id))


async def _answered(uow: UnitOfWork, ws: WorkingSet, message: Message) -> None:
    """Whoever answers a mail of ours has it.

    Further references only say what its sender knew of.
    """
    answered = message.references[:1]
    if ws.ids.went_out(answered):
        await send_recovery.seen(uow, ws.account.id, answered, message.sender.value)


async def _arrive(
    uow: UnitOfWork, ws: WorkingSet, incoming: Incoming, message: Message
) -> _Outcome:
    arrived = await arrival.arrive(uow, ws, incoming, message)
    return _Outcome("shown", arrived.comment_id)


async def _has_card(uow: UnitOfWork, value: str) -> bool:
    return bool(await load_contacts.by_mail(uow, [value]))


async def _repeated(
    uow: UnitOfWork, ws: WorkingSet, incoming: Incoming, message: Message
) -> int | None:
    """The comment that shows this very message: with its id and with all that it says (R12).

    Nobody can suppress a message by reusing an id, ours included.
    """
    source_id = clean_line(message.source_id)
    if not source_id:
        return None
    same = ws.ids.repeat_of(source_id, ws.marks[incoming.key].digest)
    if same is None and purged.may_be_ours(ws.account, message):
        return await sent_outside.our_part(uow, ws.account, source_id)
    return same


async def _quarantine(
    uow: UnitOfWork, ws: WorkingSet, incoming: Incoming, event: Unreadable
) -> _Outcome:
    """Kept whole, shown as a task that says so; ``reprocess`` reads the bytes again."""
    account, side = ws.account, ws.side
    message = Message(
        source_id="",
        chat_key=f"quarantine:{incoming.key}",
        sender=event.sender or Party("", name="?"),
        sent_at=event.sent_at,
        text="",
        title=event.title or None,
        warnings=(event.reason,),
        no_auto_reply=True,
    )
    if account.can(Capability.GLOBAL_ADDRESSES) and side.is_ours(message.sender.value):
        agent_id = side.agent(message.sender.value)
        note_id = await sent_outside.note(uow, ws, incoming, message, agent_id)
        return _Outcome("quarantined", note_id, event.reason, again=event.again)
    arrived = await arrival.arrive(uow, ws, incoming, message)
    if not account.can(Capability.THREADS):
        # A messenger knows no such chat: there is no way to answer by.
        await uow.connection.execute(
            update(t.chat)
            .where(t.chat.c.account_id == account.id, t.chat.c.key == message.chat_key)
            .values(
                writable=False,
                state_reason=Reason("no_route", {"name": message.sender.name}).as_json(),
            )
        )
    return _Outcome("quarantined", arrived.comment_id, event.reason, again=event.again)


async def reprocess(
    uow: UnitOfWork, _actor: Actor, receipt_id: int, parse: Callable[[str, bytes], Incoming]
) -> int | None:
    """Read a quarantined receipt again; the comment's id when it can be read now."""
    row = (
        await uow.connection.execute(
            select(t.receipt).where(
                t.receipt.c.id == receipt_id, t.receipt.c.state == "quarantined"
            )
        )
    ).one()
    incoming = parse(row.key, row.raw)
    if isinstance(incoming.event, Unreadable):
        return None
    known = t.comment.c.id == row.comment_id
    was = (await uow.connection.execute(select(t.comment).where(known))).first()
    if was is not None and isinstance(incoming.event, Message):
        # It is as old as it was: it stands where it belongs, and history asks for nothing.
        event = replace(incoming.event, sent_at=was.created_at)
        incoming = replace(incoming, event=event, history=was.imported, late=True)
    ws = await load.working_set(uow, row.account_id, [incoming])
    outcome = await handle(uow, ws, incoming)
    await uow.connection.execute(
        update(t.receipt)
        .where(t.receipt.c.id == receipt_id)
        .values(
            state=outcome.state,
            reason=outcome.reason.as_json() if outcome.reason else None,
            comment_id=outcome.comment_id,
        )
    )
    if was is not None and outcome.comment_id is not None:
        await _after(uow, outcome.comment_id, was)
    await _files_stand_in(uow, receipt_id, incoming)
    # The task that stood for the unreadable bytes has nothing more to say.
    await chat_events.drop_quarantine(uow, row.comment_id)
    await write.finish(uow, ws)
    return outcome.comment_id


async def _after(uow: UnitOfWork, comment_id: int, was: Row[Any]) -> None:
    """What came after it in the same second stands after it: servers tell whole seconds."""
    chat = select(t.comment.c.chat_id).where(t.comment.c.id == comment_id).scalar_subquery()
    await uow.connection.execute(
        update(t.comment)
        .where(
            t.comment.c.chat_id == chat,
            t.comment.c.created_at == was.created_at,
            t.comment.c.id > was.id,
            t.comment.c.id != comment_id,
        )
        .values(created_at=was.created_at + timedelta(milliseconds=1))
    )
