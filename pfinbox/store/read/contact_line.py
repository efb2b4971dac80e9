"""A person's whole line: what was said with them in all their tasks, by whatever channel."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, literal, or_, select, tuple_

from pfinbox.domain.actor import AgentActor
from pfinbox.store import tables as t
from pfinbox.store.read import commentrows
from pfinbox.store.read.visibility import known_root, viewer
from pfinbox.store.roots import is_living
from pfinbox.store.rows import LinePage, LineRow
from pfinbox.store.uow import UnitOfWork


async def contact_line(
    uow: UnitOfWork,
    actor: AgentActor,
    contact_id: int,
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 100,
) -> LinePage:
    """The newest ``limit`` comments with a contact, oldest first; ``after``: those before a key.

    The comments of all tasks of the card, merged cards and finished tasks included, and what the
    contact wrote in tasks of others; only of tasks that this agent may see (R10), none of the
    trash.
    """
    who = await viewer(uow, actor)
    card = await known_root(uow, who, contact_id)
    cards = select(t.contact.c.id).where(t.contact.c.root_id == card)
    origin, root = t.task.alias("origin"), t.task.alias("root")
    theirs = select(origin.c.root_id).where(origin.c.contact_id.in_(cards))
    place = tuple_(t.comment.c.created_at, t.comment.c.id)
    statement = (
        commentrows.comments()
        .add_columns(root.c.id.label("line_task_id"), root.c.title.label("line_title"))
        .join(root, root.c.id == t.task.c.root_id)
        .where(
            or_(root.c.id.in_(theirs), t.comment.c.contact_id.in_(cards)),
            is_living(root),
            who.sees(root),
        )
        .order_by(t.comment.c.created_at.desc(), t.comment.c.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        columns = t.comment.c
        key = (literal(after[0], columns.created_at.type), literal(after[1], columns.id.type))
        statement = statement.where(place < tuple_(*key))
    found = (await uow.connection.execute(statement)).all()
    rows = found[:limit][::-1]
    comments = await commentrows.complete(uow, who, rows)
    lines = tuple(
        LineRow(row.line_task_id, row.line_title, comment)
        for row, comment in zip(rows, comments, strict=True)
    )
    more = len(found) > limit
    return LinePage(lines, (rows[0].created_at, rows[0].id) if more else None)


async def tasks_with(uow: UnitOfWork, actor: AgentActor, root: int) -> list[int]:
    """Tasks of which a contact is the client, or wrote, was written to or takes part in.

    All that this agent may see, those in the trash too.
    """
    who = await viewer(uow, actor)
    cards = select(t.contact.c.id).where(t.contact.c.root_id == root)
    told = select(t.notify.c.comment_id).where(t.notify.c.contact_id.in_(cards))
    said = select(t.comment.c.task_id).where(
        t.comment.c.contact_id.in_(cards) | t.comment.c.id.in_(told)
    )
    parts = select(t.participant.c.task_id).where(t.participant.c.contact_id.in_(cards))
    of = t.task.alias("of")
    found = await uow.connection.scalars(
        select(of.c.id)
        .join(t.task, t.task.c.root_id == of.c.id)
        .where(
            t.task.c.contact_id.in_(cards) | t.task.c.id.in_(said) | t.task.c.id.in_(parts),
            of.c.purged_at.is_(None),
            who.sees(of),
        )
        .distinct()
        .order_by(of.c.id)
    )
    return list(found)


async def chats_of_contact(uow: UnitOfWork, actor: AgentActor, root: int) -> list[dict[str, Any]]:
    """Those of tasks that the agent sees, and on the agent's accounts those without a task."""
    who = await viewer(uow, actor)
    origin, of = t.task.alias(), t.task.alias()
    visible = (
        select(t.binding.c.chat_id)
        .join(origin, origin.c.id == t.binding.c.task_id)
        .join(of, of.c.id == origin.c.root_id)
        .where(of.c.purged_at.is_(None), who.sees(of))
    )
    of_a_task = (
        select(t.binding.c.chat_id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .where(t.task.c.purged_at.is_(None))
    )
    mine = and_(who.uses(), t.chat.c.id.not_in(of_a_task))
    rows = await uow.connection.execute(
        select(
            t.account.c.name.label("account"),
            t.chat.c.key,
            t.chat.c.subject,
            t.chat.c.created_at,
            t.chat.c.last_incoming_at,
        )
        .join(t.account, t.account.c.id == t.chat.c.account_id)
        .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
        .where(t.contact.c.root_id == root, or_(t.chat.c.id.in_(visible), mine))
        .order_by(t.chat.c.id)
    )
    return [dict(row._mapping) for row in rows]
