"""Rare events: each is decided over the store itself, alone, with everything before it written."""

from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.incoming import (
    ChatKeyChanged,
    ChatStarted,
    ChatState,
    Deletion,
    Edit,
    Ignored,
    Incoming,
    Introduction,
    Message,
    Reaction,
    Report,
    Sort,
    Unreadable,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound.deciding import Outcome, came_back, may_answer_notice
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.notices.answers import read_token
from pfinbox.domain.outbound import doubts
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.services.inbound import (
    agent_answers,
    bounces,
    chat_events,
    gaps,
    message_events,
    reports,
)
from pfinbox.services.outbound import send_recovery
from pfinbox.services.tasks import chat_moves
from pfinbox.store.uow import UnitOfWork


async def take(uow: UnitOfWork, ws: WorkingSet, incoming: Incoming) -> Outcome | Message:
    """What the event did; a message that is still to be decided as any other.

    Of ``ws`` only what no event changes is looked at.
    """
    account = ws.account
    match incoming.event:
        case Message() as message:
            return await _message(uow, ws, incoming, message)
        case Edit() | Deletion() | Reaction() as event:
            return await message_events.take(uow, account, event)
        case Report() as event:
            return await reports.tell(uow, account, event)
        case ChatStarted() as event:
            reply = await chat_events.started(uow, account, event)
            why = Reason("invitation_stale" if reply is not None else "chat_started")
            return Outcome("ignored", reason=why, reply=reply)
        case Introduction() as event:
            await chat_events.introduced(uow, account, event, ws.side)
            return Outcome("ignored", reason=Reason("introduced"))
        case ChatKeyChanged() as event:
            if event.sender is not None:
                await chat_events.also_known_as(uow, account, event.chat_key, event.sender)
            await chat_moves.moved(uow, account.id, event.chat_key, event.new_key)
            return Outcome("ignored", reason=Reason("chat_moved"))
        case Gap() as event:
            await gaps.tell(uow, account, event)
            return Outcome("ignored", reason=event.reason)
        case ChatState() as event:
            await chat_events.state(uow, account, event)
            return Outcome("ignored", reason=event.reason)
        case Unreadable(reason=reason) | Ignored(reason=reason):
            return Outcome("ignored", reason=reason)


async def _message(
    uow: UnitOfWork, ws: WorkingSet, incoming: Incoming, message: Message
) -> Outcome | Message:
    account = ws.account
    if (ours := came_back(ws, incoming, message)) is not None:
        name = clean_line(message.source_id)
        await send_recovery.seen(uow, account.id, sorted({name, name.lower()}))
        return Outcome("duplicate", ours, Reason("same_message"))
    if doubts.may_end(account, incoming, message):
        ours = await send_recovery.known_again(uow, account.id, message)
        return message if ours is None else Outcome("duplicate", ours, Reason("same_message"))
    if message.sort is Sort.BOUNCE and await bounces.believe(uow, account, message):
        return Outcome("ignored", reason=message.bounce_reason or Reason("bounced"))
    # Whoever answers a mail of ours has it. Further references only say what its sender knew of.
    await send_recovery.seen(uow, account.id, message.references[:1], message.sender.value)
    notice = read_token(message.tokens)
    taken = None
    if notice is not None and not incoming.history:
        by_client = await agent_answers.of_client(uow, account, message, notice)
        if by_client is not None:
            return by_client
        taken = await agent_answers.take(uow, account, message, notice)
    if taken is None and may_answer_notice(ws, incoming, message):
        agent_id = ws.side.agent(clean_line(message.sender.value))
        taken = await agent_answers.take_stray(uow, account, message, agent_id or 0)
    if taken is None:
        return message
    return Outcome(taken.state, taken.comment_id, taken.reason)
