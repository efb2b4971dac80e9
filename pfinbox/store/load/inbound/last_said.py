"""Loading the last living task of the people on a batch's messages, where a task may open (R8)."""

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, union_all

from pfinbox.domain.contract.incoming import Incoming, Message, Unreadable
from pfinbox.domain.inbound.known import LastSaid
from pfinbox.domain.inbound.threading import chat_of_token
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.store import tables as t
from pfinbox.store.roots import is_living
from pfinbox.store.uow import UnitOfWork


def may_open(ws: WorkingSet, item: Incoming) -> bool:
    """Whether a message may open a task: unless all that it names leads to open ones."""
    event = item.event
    if not isinstance(event, Message):
        return isinstance(event, Unreadable)
    if event.original is not None:
        return True
    if event.chat_key is not None:
        named = {ws.keys.get(event.chat_key)}
    else:
        comments = (one for name in event.references for one in ws.ids.of(name))
        named = {
            *(chat_of_token(token) for token in (*event.tokens, *event.id_tokens)),
            *(ws.ids.chats[name] for name in event.references if name in ws.ids.chats),
            *(one.chat_id for one in comments if one.chat_id is not None),
        }
    roots = [ws.serves(chat_id)[0] for chat_id in named]
    return not roots or any(root is None or not root.task.open for root in roots)


async def load(uow: UnitOfWork, ws: WorkingSet) -> None:
    """The last living task of everybody on the batch's messages (R8)."""
    contacts = {one.contact_id for one in ws.people.values()}
    contacts |= {one.contact_id for one in ws.chats.values()}
    if not contacts:
        return
    for row in await uow.connection.execute(_last(), {"contacts": sorted(contacts)}):
        said = LastSaid(row.created_at, row.comment_id, row.root_id)
        before = ws.last_said.get(row.contact_id)
        if before is None or said.place > before.place:
            ws.last_said[row.contact_id] = said


@cache
def _last() -> Select[Any]:
    """By two ways to a comment, written and got, each with an index of its own."""
    card = t.contact.alias("asked")

    def newest(way: str) -> Any:
        origin, root = t.task.alias(), t.task.alias()
        said, mine = t.comment.alias(), t.contact.alias()
        cards = select(mine.c.id).where(mine.c.root_id == card.c.id).correlate(card)
        query = (
            select(said.c.id)
            .join(origin, origin.c.id == said.c.task_id)
            .join(root, root.c.id == origin.c.root_id)
            .where(is_living(root))
            .order_by(said.c.created_at.desc(), said.c.id.desc())
            .limit(1)
        )
        if way == "wrote":
            query = query.where(said.c.contact_id.in_(cards))
        else:
            got = t.notify.alias()
            query = query.join(got, got.c.comment_id == said.c.id).where(
                got.c.contact_id.in_(cards)
            )
        return query.correlate(card).scalar_subquery()

    asked = card.c.id.in_(bindparam("contacts", expanding=True))
    both = union_all(
        select(card.c.id.label("contact_id"), newest("wrote").label("comment_id")).where(asked),
        select(card.c.id.label("contact_id"), newest("got").label("comment_id")).where(asked),
    ).subquery()
    return (
        select(
            both.c.contact_id,
            t.comment.c.id.label("comment_id"),
            t.comment.c.created_at,
            t.task.c.root_id,
        )
        .join(t.comment, t.comment.c.id == both.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
    )
