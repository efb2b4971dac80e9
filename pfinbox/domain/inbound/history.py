"""Imported history is read newest first: what an older message changes for what stands already.

In whatever order the messages of a thread are read, its task is the same in the end: begun by the
oldest one, with its subject, and its writer as the client (R1, R5, R19). But once somebody here
dealt with the task, it stays as they know it.
"""

from dataclasses import replace

from pfinbox.domain.contract.incoming import Message
from pfinbox.domain.events.tasks import ParticipantWrote
from pfinbox.domain.inbound import opening
from pfinbox.domain.inbound.known import KnownTask, order
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Who
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.subjects import without_signs


def came(
    ws: WorkingSet, message: Message, comment_id: int, root: KnownTask, contact_id: int | None
) -> None:
    """It is stored, said by or to this contact: what answers it quotes it, R8 links lead to it."""
    _quote(ws, message, comment_id)
    if contact_id is not None and not root.task.spam:
        at = min(message.sent_at, ws.now)
        ws.decided.relinked.append((contact_id, root.task.id, at))


def _quote(ws: WorkingSet, message: Message, comment_id: int) -> None:
    """Its answers quote it now, instead of what their own text had of it."""
    for answer in ws.awaited.of(clean_line(message.source_id)):
        if answer.incoming:
            ws.change_later("comment", answer.comment_id, quote_id=comment_id, quote_text=None)
        ws.quoted(answer.comment_id, answer.rank)


def task_of_notes(ws: WorkingSet, message: Message) -> KnownTask | None:
    """The task of our own side's mails in this thread, where nothing of a client's was read yet."""
    names = [clean_line(one) for one in (message.source_id, *message.references)]
    roots = {one.note_of for name in names for one in ws.awaited.of(name)} - {None}
    living = [one for one in roots if one is not None and ws.tasks[one].task.deleted_at is None]
    return ws.tasks[min(living, key=order)] if living else None


def adopt_notes(ws: WorkingSet, message: Message, chat_id: int) -> None:
    """The message that such a task waited for came: the task has the message's new chat now."""
    root = task_of_notes(ws, message)
    if root is None:
        return
    opening.bind(ws, chat_id, root.task.id)
    notes = [
        one
        for one in root.said
        if one.chat_id is None and one.task_id == root.task.id and one.account_id == ws.account.id
    ]
    named = tuple(one.source_id for one in notes if one.source_id is not None)
    opening.remember_ids(ws, named, chat_id)
    for note in notes:
        ws.change("comment", note.id, chat_id=chat_id)
    ids = {one.id for one in notes}
    root.said = [replace(one, chat_id=chat_id) if one.id in ids else one for one in root.said]
    ws.ids.adopt(ids, chat_id)
    ws.awaited.adopted(ids)


def begin(
    ws: WorkingSet,
    root: KnownTask,
    message: Message,
    chat_id: int | None,
    who: Sender | None,
) -> None:
    """The task begins with this message if it is the oldest; ``who``: whose task it is then.

    Nobody's task is the first client's of whom there is something in it.
    """
    task = root.task
    at = min(message.sent_at, ws.now)
    older = at < root.created_at
    nobodys = task.contact_id is None and who is not None
    dealt_with = root.handled or any(not one.imported for one in root.said)
    if task.active or not (older or nobodys) or dealt_with:
        return
    if older:
        title = opening.title_of(message)
        # Of most answers the first mail comes next, and its subject says the same.
        if without_signs(title) != without_signs(task.title):
            ws.decided.renamed.add(task.id)
        ws.change_task(task.id, created_at=at, title=title)
        if chat_id is not None:
            subject = clean_line(message.title) if message.title else None
            if subject != ws.chats[chat_id].subject:
                ws.change_chat(chat_id, subject=subject)
    if who is not None and who.contact_id != task.contact_id:
        ws.decided.renamed.add(task.id)
        ws.change("task", task.id, contact_id=who.card_id)
        _change_client(ws, root, chat_id, who)


def _change_client(ws: WorkingSet, root: KnownTask, chat_id: int | None, client: Sender) -> None:
    """Who was the client so far took part, if they wrote at all."""
    task = root.task
    before, now = task.contact_id, Who("contact", client.contact_id)
    participants = tuple(one for one in task.participants if one != now)
    if participants != task.participants:
        ws.leave(task.id, client.contact_id)
    root.task = replace(task, contact_id=client.contact_id, participants=participants)
    wrote = [one for one in root.said if one.contact_id == before and before is not None]
    if wrote:
        first = min(wrote, key=lambda one: order(one.id))
        ws.join(task.id, first.card_id or 0, before or 0)
        took_part = Who("contact", before or 0)
        root.task = replace(root.task, participants=(*participants, took_part))
        ws.record(task.id, ParticipantWrote(contact=before or 0))
    if chat_id is None:
        return
    # How they write today stands in the last that they wrote here, if they did yet.
    theirs = [
        one for one in root.said if one.chat_id == chat_id and one.contact_id == client.contact_id
    ]
    last = max(theirs, key=lambda one: (one.created_at, order(one.id)), default=None)
    ws.change_chat(
        chat_id,
        contact_id=client.card_id,
        address_id=client.address_id,
        answer_to=last.answer_to if last is not None else None,
        last_incoming_at=last.created_at if last is not None else None,
    )
    ws.chats[chat_id] = replace(
        ws.chats[chat_id],
        card_id=client.card_id,
        contact_id=client.contact_id,
        address=client.value,
        address_blocked=client.blocked,
    )
