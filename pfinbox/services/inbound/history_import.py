"""Imported history is read newest first: what an older message changes for what stands already.

In whatever order the messages of a thread are read, its task is the same in the end: begun by the
oldest one, with its subject, and its writer as the client (R1, R5, R19). But once somebody here
dealt with the task, it stays as they know it.
"""

from collections.abc import Sequence

from sqlalchemy import Select, delete, exists, insert, or_, select, update

from pfinbox.domain.contract.envelope import Message
from pfinbox.domain.events import ParticipantWrote, PutBefore
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Account, Task
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.services.tasks import previous_task, routing
from pfinbox.store import journal, snapshots
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork

# Of what a message names; the nearest come first.
_NAMED = 20
# What the import itself writes into a task's journal.
_ITS_OWN = (ParticipantWrote.activity, PutBefore.activity)


async def expect(
    uow: UnitOfWork, account: Account, comment_id: int, references: Sequence[str]
) -> None:
    """The comment answers the first of these that will be read; none of them has been yet."""
    names = [name for name in dict.fromkeys(clean_line(one) for one in references) if name]
    if names:
        await uow.connection.execute(
            insert(t.awaited),
            [
                {
                    "account_id": account.id,
                    "source_id": name,
                    "comment_id": comment_id,
                    "rank": rank,
                }
                for rank, name in enumerate(names[:_NAMED])
            ],
        )


async def came(
    uow: UnitOfWork,
    account: Account,
    message: Message,
    comment_id: int,
    task: Task,
    contact_id: int | None,
) -> None:
    """It is stored, said by or to this contact: what answers it quotes it, R8 links lead to it."""
    await _quote(uow, account, message, comment_id)
    if contact_id is not None and not task.spam:
        await previous_task.relink(uow, contact_id, task.id, min(message.sent_at, uow.now))


async def _quote(uow: UnitOfWork, account: Account, message: Message, comment_id: int) -> None:
    """Its answers quote it now, instead of what their own text had of it."""
    rows = await uow.connection.execute(
        select(t.awaited.c.comment_id, t.awaited.c.rank).where(
            t.awaited.c.account_id == account.id,
            t.awaited.c.source_id == clean_line(message.source_id),
        )
    )
    for answer in rows.all():
        await uow.connection.execute(
            update(t.comment)
            .where(t.comment.c.id == answer.comment_id, t.comment.c.direction == "incoming")
            .values(quote_id=comment_id, quote_text=None)
        )
        await uow.connection.execute(
            delete(t.awaited).where(
                t.awaited.c.comment_id == answer.comment_id, t.awaited.c.rank >= answer.rank
            )
        )


async def task_of_notes(uow: UnitOfWork, account: Account, message: Message) -> Task | None:
    """The task of our own side's mails in this thread, where nothing of a client's was read yet."""
    names = [clean_line(one) for one in (message.source_id, *message.references)]
    found: int | None = await uow.connection.scalar(
        select(t.task.c.root_id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .join(t.awaited, t.awaited.c.comment_id == t.comment.c.id)
        .where(
            t.awaited.c.account_id == account.id,
            t.awaited.c.source_id.in_(names),
            t.comment.c.chat_id.is_(None),
            t.task.c.deleted_at.is_(None),
        )
        .order_by(t.task.c.id)
        .limit(1)
    )
    return await snapshots.task(uow, found, lock=True) if found is not None else None


async def adopt_notes(uow: UnitOfWork, ws: WorkingSet, message: Message, chat_id: int) -> None:
    """The message that such a task waited for came: the task has the message's new chat now."""
    task = await task_of_notes(uow, ws.account, message)
    if task is None:
        return
    await routing.bind(uow, chat_id, task.id, current=True)
    notes = t.comment.c.task_id == task.id, t.comment.c.chat_id.is_(None)
    named = select(t.comment.c.id, t.comment.c.source_id).where(
        *notes, t.comment.c.source_id.is_not(None)
    )
    rows = (await uow.connection.execute(named)).all()
    await routing.remember(uow, ws, [row.source_id for row in rows], chat_id)
    await uow.connection.execute(
        update(t.comment)
        .where(*notes, t.comment.c.account_id == ws.account.id)
        .values(chat_id=chat_id)
    )
    ws.ids.adopt({row.id for row in rows}, chat_id)


async def begin(
    uow: UnitOfWork,
    task: Task,
    message: Message,
    chat_id: int | None,
    who: Sender | None,
) -> Task:
    """The task begins with this message if it is the oldest; ``who``: whose task it is then.

    Nobody's task is the first client's of whom there is something in it.
    """
    at = min(message.sent_at, uow.now)
    began = await uow.connection.scalar(select(t.task.c.created_at).where(t.task.c.id == task.id))
    older = began is not None and at < began
    nobodys = task.contact_id is None and who is not None
    if task.active or not (older or nobodys) or await _dealt_with(uow, task.id):
        return task
    values: dict[str, object] = {}
    if older:
        values = {"created_at": at, "title": routing.title(message)}
    if who is not None and who.contact_id != task.contact_id:
        values["contact_id"] = who.card_id
        await _change_client(uow, task, chat_id, who)
    await uow.connection.execute(update(t.task).where(t.task.c.id == task.id).values(**values))
    if older:
        await uow.connection.execute(
            update(t.chat)
            .where(t.chat.c.id == chat_id)
            .values(subject=clean_line(message.title) if message.title else None)
        )
    if "contact_id" in values or values.get("title", task.title) != task.title:
        await index.index_task(uow, task.id)
    return await snapshots.task(uow, task.id)


async def _dealt_with(uow: UnitOfWork, task_id: int) -> bool:
    """Whether there is anything in the task that the import did not bring."""
    done = exists().where(t.activity.c.task_id == task_id, t.activity.c.kind.not_in(_ITS_OWN))
    said = exists().where(t.comment.c.task_id == task_id, t.comment.c.imported.is_(False))
    return bool(await uow.connection.scalar(select(or_(done, said))))


async def _change_client(uow: UnitOfWork, task: Task, chat_id: int | None, client: Sender) -> None:
    """Who was the client so far took part, if they wrote at all."""
    c = uow.connection
    await c.execute(
        delete(t.participant).where(
            t.participant.c.task_id == task.id,
            t.participant.c.contact_id.in_(_cards(client.contact_id)),
        )
    )
    if task.contact_id is not None:
        theirs = _cards(task.contact_id)
        card_id = await c.scalar(
            select(t.comment.c.contact_id)
            .where(t.comment.c.task_id == task.id, t.comment.c.contact_id.in_(theirs))
            .order_by(t.comment.c.id)
            .limit(1)
        )
        if card_id is not None:
            await uow.add(t.participant, task_id=task.id, contact_id=card_id, let_in=False)
            await journal.record(uow, task.id, ParticipantWrote(contact=task.contact_id))
    # How they write today stands in the last that they wrote here, if they did yet.
    last = (
        await c.execute(
            select(t.comment.c.created_at, t.comment.c.recipients)
            .where(
                t.comment.c.chat_id == chat_id,
                t.comment.c.contact_id.in_(_cards(client.contact_id)),
            )
            .order_by(t.comment.c.created_at.desc())
            .limit(1)
        )
    ).first()
    answer_to = ((last.recipients or {}).get("answer_to") or [None])[0] if last else None
    await c.execute(
        update(t.chat)
        .where(t.chat.c.id == chat_id)
        .values(
            contact_id=client.card_id,
            address_id=client.address_id,
            answer_to=answer_to,
            last_incoming_at=last.created_at if last is not None else None,
        )
    )


def _cards(contact_id: int) -> Select[tuple[int]]:
    return select(t.contact.c.id).where(t.contact.c.root_id == contact_id)
