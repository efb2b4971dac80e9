"""A conversation as a contact sees it, in pages, and the files in it (R37, R46)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, select, tuple_

from pfinbox.domain.actor import ContactActor
from pfinbox.store import files
from pfinbox.store import tables as t
from pfinbox.store.read.bytes_of import attachment_row
from pfinbox.store.read.ids import IDS, rows_of
from pfinbox.store.read.portal.sight import Sight, has, no_page, sees, sight
from pfinbox.store.read.portal.tasks import contact_task
from pfinbox.store.roots import members
from pfinbox.store.rows import AttachmentRow
from pfinbox.store.rows.portal import (
    PortalCommentRow,
    PortalConversation,
    PortalMarks,
    PortalTaskRow,
)
from pfinbox.store.tables.base import BigInt, Utc
from pfinbox.store.uow import UnitOfWork

PAGE = 50


async def contact_conversation(
    uow: UnitOfWork,
    actor: ContactActor,
    task_id: int,
    *,
    before: int | None = None,
    after: int | None = None,
) -> PortalConversation:
    """The newest comments of a task; those ``before`` a comment, or ``after`` one (its id)."""
    return await conversation_of(uow, await sight(uow, actor), task_id, before=before, after=after)


async def conversation_of(
    uow: UnitOfWork,
    who: Sight,
    task_id: int,
    *,
    before: int | None = None,
    after: int | None = None,
) -> PortalConversation:
    """The same, in whoever's name it is looked at."""
    task = await contact_task(uow, who, task_id)
    values = who.values | await _inside(uow, task.id, PAGE + 1)
    limit = before if before is not None else after
    if limit is not None:
        # Of no other comment the moment may be learnt from what comes before it.
        one = await _seen(uow, who, [limit])
        if limit not in one or one[limit].root_task_id != task.id:
            raise no_page()
        values |= {"at": one[limit].created_at, "id": limit}
    side = "before" if before is not None else "after" if after is not None else ""
    rows = (await uow.connection.execute(_page(who.wider, side), values)).all()
    shown = rows[:PAGE] if side == "after" else rows[:PAGE][::-1]
    return PortalConversation(
        task,
        await _complete(uow, who, shown),
        before=shown[0].id if side != "after" and len(rows) > PAGE else None,
        later=side == "before",
    )


async def contact_marks(uow: UnitOfWork, actor: ContactActor, task_id: int) -> PortalMarks:
    """What the page of a task's newest comments is known by, without their words."""
    who = await sight(uow, actor)
    task = await contact_task(uow, who, task_id)
    values = who.values | await _inside(uow, task.id, PAGE)
    rows = (await uow.connection.execute(_marks(who.wider), values)).all()
    return PortalMarks(task.id, task.active, tuple((row.id, row.edited_at) for row in rows[::-1]))


async def _inside(uow: UnitOfWork, root_id: int, most: int) -> dict[str, Any]:
    """For the parameters of :func:`_page`: nearly every task is one, and its index has an order."""
    inside = await uow.connection.scalars(_MEMBERS, {"root": root_id})
    return {"inside": list(inside), "most": most}


async def contact_comment(
    uow: UnitOfWork, actor: ContactActor, task_id: int, comment_id: int
) -> tuple[PortalTaskRow, PortalCommentRow]:
    """One comment of a task that the contact sees, with the task."""
    who = await sight(uow, actor)
    task = await contact_task(uow, who, task_id)
    row = (await _seen(uow, who, [comment_id])).get(comment_id)
    if row is None or row.root_task_id != task.id:
        raise no_page()
    return task, (await _complete(uow, who, [row]))[0]


async def contact_file(
    uow: UnitOfWork, actor: ContactActor, attachment_id: int
) -> tuple[AttachmentRow, bytes]:
    """A file of a comment that the contact sees, with its bytes."""
    who = await sight(uow, actor)
    values = who.values | {"attachment_id": attachment_id}
    row = (await uow.connection.execute(_attachment(who.wider), values)).first()
    if row is None or row.removed_at is not None:
        raise no_page()
    return attachment_row(row), (await files.contents(uow, [row.sha256]))[row.sha256]


_ROOT = t.task.alias("root")
_MEMBERS = members(bindparam("root", type_=BigInt))
_INSIDE: BindParameter[int] = bindparam("inside", expanding=True, type_=BigInt)
_ORDER = (t.comment.c.created_at, t.comment.c.id)


@lru_cache
def _comments(wider: str) -> Select[Any]:
    """Every comment that the contact sees, to be narrowed down."""
    author, card, origin = t.contact.alias("author"), t.contact.alias("card"), t.task.alias()
    return (
        select(
            t.comment,
            _ROOT.c.id.label("root_task_id"),
            card.c.id.label("author_id"),
            card.c.name.label("author_name"),
            t.PUBLIC_NAME.label("agent_name"),
        )
        .select_from(
            t.comment.join(origin, origin.c.id == t.comment.c.task_id)
            .join(_ROOT, _ROOT.c.id == origin.c.root_id)
            .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
            .outerjoin(author, author.c.id == t.comment.c.contact_id)
            .outerjoin(card, card.c.id == author.c.root_id)
        )
        .where(has(_ROOT), sees(t.comment, _ROOT, wider))
    )


@lru_cache
def _page(wider: str, side: str) -> Select[Any]:
    """The comments of a task ``before`` or ``after`` a place; with neither, the newest ones."""
    statement = _comments(wider).where(t.comment.c.task_id.in_(_INSIDE))
    here = tuple_(bindparam("at", type_=Utc), bindparam("id", type_=BigInt))
    if side:
        key = tuple_(*_ORDER)
        statement = statement.where(key < here if side == "before" else key > here)
    order = _ORDER if side == "after" else tuple(one.desc() for one in _ORDER)
    return statement.order_by(*order).limit(bindparam("most", type_=BigInt))


@lru_cache
def _marks(wider: str) -> Select[Any]:
    """The newest comments of a task, as far as an open page asks whether it shows them."""
    return _page(wider, "").with_only_columns(
        t.comment.c.id, t.comment.c.edited_at, maintain_column_froms=True
    )


@lru_cache
def _named(wider: str) -> Select[Any]:
    return _comments(wider).where(t.comment.c.id.in_(IDS))


@lru_cache
def _attachment(wider: str) -> Select[Any]:
    seen = _comments(wider).where(t.comment.c.id == t.attachment.c.comment_id)
    this = t.attachment.c.id == bindparam("attachment_id", type_=BigInt)
    return select(t.attachment).where(this, seen.correlate(t.attachment).exists())


async def _seen(uow: UnitOfWork, who: Sight, comment_ids: Collection[int]) -> dict[int, Row[Any]]:
    """Those of these comments that the contact sees."""
    rows = await rows_of(uow, _named(who.wider), list(comment_ids), **who.values)
    return {row.id: row for row in rows}


async def _complete(
    uow: UnitOfWork, who: Sight, rows: Sequence[Row[Any]]
) -> tuple[PortalCommentRow, ...]:
    found = await _files(uow, [row.id for row in rows])
    quotes = await _quotes(uow, who, rows)
    return tuple(
        PortalCommentRow(
            id=row.id,
            mine=row.author_id == who.reader.id,
            by_us=row.direction == "outgoing",
            author=row.author_name or row.agent_name or "",
            text=row.text,
            new_text=row.new_text,
            created_at=row.created_at,
            quote=quotes.get(row.id),
            edited_at=row.edited_at,
            automatic=row.automatic,
            files=tuple(found[row.id]),
        )
        for row in rows
    )


_FILES = select(t.attachment).where(t.attachment.c.comment_id.in_(IDS)).order_by(t.attachment.c.id)


async def _files(uow: UnitOfWork, comment_ids: Sequence[int]) -> dict[int, list[AttachmentRow]]:
    found: dict[int, list[AttachmentRow]] = defaultdict(list)
    for row in await rows_of(uow, _FILES, comment_ids):
        found[row.comment_id].append(attachment_row(row))
    return found


async def _quotes(uow: UnitOfWork, who: Sight, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """The quoted words by comment: only those of comments of the same task that are seen.

    Words that a client marked in a message that is not here are the client's own (R19).
    """
    quoting = [row for row in rows if row.quote_id is not None or row.quote_text is not None]
    seen = await _seen(uow, who, {row.quote_id for row in quoting if row.quote_id is not None})
    words: dict[int, str] = {}
    for row in quoting:
        if row.quote_id is None:
            if row.author_id is not None:
                words[row.id] = row.quote_text
        elif row.quote_id in seen and seen[row.quote_id].root_task_id == row.root_task_id:
            quoted = seen[row.quote_id]
            words[row.id] = row.quote_text or quoted.new_text or quoted.text
    return words
