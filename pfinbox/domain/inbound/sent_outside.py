"""Messages of our own side that come in: written elsewhere, or by an agent by e-mail (R22, R43)."""

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.events.comments import SentOutside
from pfinbox.domain.inbound import comments, history, opening, senders
from pfinbox.domain.inbound.comments import Place
from pfinbox.domain.inbound.known import KnownTask
from pfinbox.domain.inbound.reactions import reactions
from pfinbox.domain.inbound.threading import choose_chat, known_ids
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.people.cards import Sender


def note(ws: WorkingSet, incoming: Incoming, message: Message, agent_id: int | None) -> int:
    """Our own side's mail without proof becomes an internal note marked unverified (R22).

    ``agent_id``: whose address it came from; None: that of an account that several use.
    """
    return _outgoing(ws, incoming, message, agent_id=agent_id, elsewhere=False)[0]


def sent(ws: WorkingSet, incoming: Incoming, message: Message) -> int:
    """An answer written outside appears as outgoing and ends *to answer* (R43)."""
    comment_id, task_id = _outgoing(ws, incoming, message, agent_id=None, elsewhere=True)
    if not incoming.history:
        reactions.follow(ws, task_id, SentOutside(comment_id))
    return comment_id


def _outgoing(
    ws: WorkingSet, incoming: Incoming, message: Message, *, agent_id: int | None, elsewhere: bool
) -> tuple[int, int]:
    past = incoming.history
    author = senders.known(ws, message.sender)
    author_id = author.contact_id if author is not None else None
    match = choose_chat(message, known_ids(ws, message, author_id, history=past))
    chat_id = match.chat_id
    reached = _reached(ws, message, chat_id) if elsewhere else []
    to = reached[0] if reached else None
    root, own_id = ws.serves(chat_id)
    if chat_id is None and to is not None:
        chat_id = opening.make_chat(ws, incoming, message, to)
        if past:
            history.adopt_notes(ws, message, chat_id)
            root, own_id = ws.serves(chat_id)
    elif chat_id is None and past:
        root = history.task_of_notes(ws, message)
    if root is None or not root.task.living:
        # An agent's own mail that answers nothing opens a task without a client.
        root = opening.open_task(ws, message, to, None, spam=False, history=past)
        own_id = None
        if chat_id is not None:
            opening.bind(ws, chat_id, root.task.id)
    elif past:
        history.begin(ws, root, message, chat_id, to)
    task_id = root.task.id
    message = ws.dated(task_id, message)
    comment_id = comments.write(
        ws,
        incoming,
        message,
        match,
        Place(root, own_id or task_id, chat_id),
        awaited=message.references if chat_id is None else (),
        # What goes to somebody outside is no talk with the client (R45).
        hidden=chat_id is not None and ws.chats[chat_id].outside,
        agent_id=agent_id,
        internal=not elsewhere,
        sent_elsewhere=elsewhere,
        verified=None if elsewhere else False,
    )
    if chat_id is not None:
        opening.remember(ws, message, chat_id)
    _notify(ws, root, reached, comment_id, message)
    direction = "outgoing" if elsewhere else None
    values = comments.last_word(root, message, direction, history=past)
    ws.change_task(task_id, **values)
    if past:
        who = to.contact_id if to is not None else root.task.contact_id
        history.came(ws, message, comment_id, root, who)
    elif elsewhere:
        root.last_to_client = comment_id
    if agent_id is not None:
        root.agents_wrote[agent_id] = max(
            message.sent_at, root.agents_wrote.get(agent_id, message.sent_at)
        )
    ws.decided.topics.add("tasks")
    return comment_id, task_id


def _notify(
    ws: WorkingSet, root: KnownTask, reached: list[Sender], comment_id: int, message: Message
) -> None:
    """Keep whom it reached; one person once, whose cards were merged, too."""
    for contact_id, card_id in {one.contact_id: one.card_id for one in reached}.items():
        ws.make("notify", comment_id=comment_id, contact_id=card_id)
        ws.heard(contact_id, message.sent_at, comment_id, root.task.id)


def _reached(ws: WorkingSet, message: Message, chat_id: int | None) -> list[Sender]:
    """The contacts to whom it went, never we ourselves or our agents.

    Where the chat's client wants to be answered it went to them. Of those whom nobody knows the
    first one gets a card, if there is none else.
    """
    chat = ws.chats[chat_id] if chat_id is not None else None
    client = chat.client if chat is not None and chat.address_id is not None else None
    if not ws.account.can(Capability.GLOBAL_ADDRESSES):
        to = (message.to or (message.sender,))[0]
        return [client or senders.find_or_make(ws, to)]
    people = ws.side.others((*message.to, *message.cc))
    named = [one for one in people if one.value in ws.on_cards]
    if chat is not None and client is not None:
        values = {one.value for one in people}
        if chat.answer_to in values or chat.address in values:
            return [client, *(senders.find_or_make(ws, one) for one in named)]
    return [senders.find_or_make(ws, one) for one in named or people[:1]]
