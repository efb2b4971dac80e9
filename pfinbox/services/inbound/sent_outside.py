"""Messages of our own side that come in: written elsewhere, or by an agent by e-mail (R22, R43)."""

from dataclasses import replace

from sqlalchemy import select, update

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import Incoming, Message
from pfinbox.domain.inbound.threading import choose_chat
from pfinbox.domain.inbound.working_set import NamedComment, WorkingSet
from pfinbox.domain.model import Account
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.services.inbound import arrival, history_import, threading
from pfinbox.services.outbound import send_recovery
from pfinbox.services.people import senders
from pfinbox.services.tasks import awaiting_reply, routing
from pfinbox.store import files, moments, snapshots
from pfinbox.store import tables as t
from pfinbox.store.load import contacts as load_contacts
from pfinbox.store.uow import UnitOfWork


async def our_part(uow: UnitOfWork, account: Account, source_id: str) -> int | None:
    """The comment that we sent under this id: our own copy came back to us.

    A copy that is seen proves that it was sent, also where nobody knew so far (R24). Only the
    caller knows that it is a copy of ours: whoever writes a mail names it as they like.
    """
    # Some servers change the case of what they keep.
    names = {source_id, source_id.lower()}
    part = (
        await uow.connection.execute(
            select(t.part.c.comment_id).where(
                t.part.c.account_id == account.id, t.part.c.source_id.in_(names)
            )
        )
    ).first()
    if part is None:
        return None
    await send_recovery.seen(uow, account.id, sorted(names))
    return int(part.comment_id)


async def note(
    uow: UnitOfWork,
    ws: WorkingSet,
    incoming: Incoming,
    message: Message,
    agent_id: int | None,
) -> int:
    """Our own side's mail without proof becomes an internal note marked unverified (R22).

    ``agent_id``: whose address it came from; None: that of an account that several use.
    """
    return await _outgoing(
        uow, ws, incoming, message, agent_id=agent_id, internal=True, elsewhere=False
    )


async def sent(uow: UnitOfWork, ws: WorkingSet, incoming: Incoming, message: Message) -> int:
    """An answer written outside appears as outgoing and ends *to answer* (R43)."""
    return await _outgoing(
        uow, ws, incoming, message, agent_id=None, internal=False, elsewhere=True
    )


async def _outgoing(
    uow: UnitOfWork,
    ws: WorkingSet,
    incoming: Incoming,
    message: Message,
    *,
    agent_id: int | None,
    internal: bool,
    elsewhere: bool,
) -> int:
    account, history = ws.account, incoming.history
    author = await threading.card_of(uow, account, message)
    known = await threading.known_ids(uow, ws, message, author, history=history)
    match = choose_chat(message, known)
    chat_id = match.chat_id
    reached = await _reached(uow, ws, message, chat_id) if elsewhere else []
    to = reached[0] if reached else None
    task, own = None, None
    if chat_id is not None:
        task, own = await snapshots.task_of_chat(uow, chat_id)
    if chat_id is None and to is not None:
        chat_id = await routing.make_chat(uow, account, incoming, message, to)
        if history:
            await history_import.adopt_notes(uow, ws, message, chat_id)
            task, own = await snapshots.task_of_chat(uow, chat_id)
    elif chat_id is None and history:
        task = await history_import.task_of_notes(uow, account, message)
    if task is None or not task.living:
        # An agent's own mail that answers nothing opens a task without a client.
        task = await routing.open_task(uow, ws, message, to, None, spam=False, history=history)
        own = None
        if chat_id is not None:
            await routing.move_current(uow, chat_id, task.id)
    elif history:
        task = await history_import.begin(uow, task, message, chat_id, to)
    message = replace(message, sent_at=await moments.said_at(uow, task.id, message.sent_at))
    source_id = clean_line(message.source_id) or None
    digest = ws.marks[incoming.key].digest
    comment_id = await uow.add(
        t.comment,
        task_id=own or task.id,
        direction="outgoing",
        # What goes to somebody outside is no talk with the client (R45).
        hidden=await routing.is_outside(uow, chat_id),
        agent_id=agent_id,
        text=clean(message.text),
        new_text=clean(message.new_text) if message.new_text is not None else None,
        created_at=message.sent_at,
        claimed_at=message.claimed_at,
        internal=internal,
        sent_elsewhere=elsewhere,
        imported=history,
        verified=False if internal else None,
        account_id=account.id,
        chat_id=chat_id,
        source_id=source_id,
        matched_by=match.why.as_json(),
        warnings=[warning.as_json() for warning in message.warnings] or None,
        digest=digest,
    )
    await files.attach(uow, comment_id, message.files)
    if source_id is not None:
        ws.ids.add(source_id, NamedComment(comment_id, "came", chat_id, digest=digest))
    if chat_id is not None:
        ids = (message.source_id, *message.references)
        await routing.remember(uow, ws, ids, chat_id)
    elif history:
        await history_import.expect(uow, account, comment_id, message.references)
    # One person once, whose cards were merged, too.
    for card_id in {one.contact_id: one.card_id for one in reached}.values():
        await uow.add(t.notify, comment_id=comment_id, contact_id=card_id)
    ws.comments_to_index.append(comment_id)
    direction = "outgoing" if elsewhere else None
    values = await arrival.last_word(uow, task, message, direction, history=history)
    await uow.connection.execute(update(t.task).where(t.task.c.id == task.id).values(**values))
    if history:
        who = to.contact_id if to is not None else task.contact_id
        await history_import.came(uow, account, message, comment_id, task, who)
    elif elsewhere:
        # Who wrote after it still waits: the folders are read one after the other.
        await awaiting_reply.refresh(uow, task.id)
    uow.touch("tasks")
    return comment_id


async def _reached(
    uow: UnitOfWork, ws: WorkingSet, message: Message, chat_id: int | None
) -> list[Sender]:
    """The contacts to whom it went, never we ourselves or our agents.

    Where the chat's client wants to be answered it went to them. Of those whom nobody knows the
    first one gets a card, if there is none else.
    """
    account = ws.account
    if not account.can(Capability.GLOBAL_ADDRESSES):
        client = await load_contacts.of_chat(uow, chat_id) if chat_id is not None else None
        to = (message.to or (message.sender,))[0]
        return [client or await senders.find_or_make(uow, account, to, known_by=account.id)]
    people = ws.side.others((*message.to, *message.cc))
    known = await load_contacts.by_mail(uow, [one.value for one in people])
    named = [one for one in people if one.value in known]
    if chat_id is not None:
        client = await load_contacts.of_chat(uow, chat_id, [one.value for one in people])
        if client is not None:
            return [
                client,
                *[
                    await senders.find_or_make(uow, account, one, known_by=account.id)
                    for one in named
                ],
            ]
    return [
        await senders.find_or_make(uow, account, one, known_by=account.id)
        for one in named or people[:1]
    ]
