"""A contact's tasks by when something happened in them: what the page's list looks through.

What the contact has seen last of a task is never younger than what happened last in it, so a page
of the list is found among the first of these, however many there are.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
    union_all,
)

from pfinbox.domain.text.words import words
from pfinbox.store import tables as t
from pfinbox.store.read.portal.sight import WHOSE, Sight, is_shown, sees
from pfinbox.store.search.few_hits import few_hits
from pfinbox.store.search.fulltext import Needles, Phrase
from pfinbox.store.tables.base import BigInt, Utc
from pfinbox.store.uow import UnitOfWork

# To look into fewer tasks takes no longer than to ask the search index.
_MANY = 300

# When something happened last in a task, and its number.
Place = tuple[datetime, int]


async def candidates(
    uow: UnitOfWork, who: Sight, active: bool | None, said: str, below: Place | None, most: int
) -> Sequence[Place]:
    """The next ``most`` of them ``below`` a place, the last active first.

    ``said``: only those of which the search index does not say that these stand nowhere in them.
    """
    values = who.values | {"most": most}
    if below is not None:
        values |= {"at": below[0], "id": below[1]}
    statement = _below(active, below is not None, said, uow.sqlite)
    return [(row.at, row.id) for row in await uow.connection.execute(statement, values)]


async def has_many(uow: UnitOfWork, who: Sight, active: bool | None) -> bool:
    """Whether looking into one task after the other may take long."""
    return bool(await uow.connection.scalar(_number(active), who.values) == _MANY)


async def holding(
    uow: UnitOfWork, who: Sight, active: bool | None, said: str
) -> Sequence[Place] | None:
    """All of them whose entries have these words, the last active first.

    None where the words stand in many entries: a page is soon found by looking into task by task.
    """
    needles = _needles(said)
    few = await few_hits(uow, needles) if needles.wanted else None
    if few is None:
        return None
    origin = t.task.alias("origin")
    joined = few.source.join(origin, origin.c.id == t.search_text.c.task_id)
    found = (
        select(_ACTIVE.label("at"), t.task.c.id)
        .select_from(joined.join(t.task, t.task.c.id == origin.c.root_id))
        .where(
            *few.conditions,
            or_(t.task.c.contact_id.in_(WHOSE), t.task.c.id.in_(_joined())),
            t.task.c.active.is_(active) if active is not None else true(),
            is_shown(t.task),
        )
        .distinct()
        .order_by(_ACTIVE.desc(), t.task.c.id.desc())
    )
    return [(row.at, row.id) for row in await uow.connection.execute(found, who.values)]


async def silent_since(
    uow: UnitOfWork, who: Sight, active: bool | None, last: Place, since: datetime
) -> set[int]:
    """The tasks active ``since`` a moment in which the contact saw nothing since a page's end.

    Agents have talked among themselves; these tasks stand on a later page.
    """
    values = who.values | {"at": last[0], "id": last[1], "since": since}
    found = await uow.connection.scalars(_silent_since(who.wider, active), values)
    return set(found)


_AT: Any = bindparam("at", type_=Utc)
_ID: Any = bindparam("id", type_=BigInt)
_SINCE: Any = bindparam("since", type_=Utc)
_MOST: Any = bindparam("most", type_=BigInt)
_ACTIVE = t.task.c.last_activity_at


@lru_cache
def _below(active: bool | None, goes_on: bool, said: str, sqlite: bool) -> Select[Any]:
    place, order = tuple_(_ACTIVE, t.task.c.id), (_ACTIVE.desc(), t.task.c.id.desc())
    # An index gives each of these in this order.
    narrowed = (_may_hold(said, sqlite),) if said else ()
    some = [
        one.where(*narrowed, place < tuple_(_AT, _ID) if goes_on else _ACTIVE.is_not(None))
        .order_by(*order)
        .limit(_MOST)
        .subquery()
        for one in _kinds(active)
    ]
    found = union(*(select(one.c.at, one.c.id) for one in some)).subquery("found")
    return select(found).order_by(found.c.at.desc(), found.c.id.desc()).limit(_MOST)


@lru_cache
def _number(active: bool | None) -> Select[Any]:
    some = [one.limit(_MANY).subquery() for one in _kinds(active)]
    each = union_all(*(select(one.c.id) for one in some)).limit(_MANY).subquery()
    return select(func.count()).select_from(each)


@lru_cache
def _silent_since(wider: str, active: bool | None) -> Select[Any]:
    comment, origin = t.comment.alias(), t.task.alias()
    since = exists().where(
        origin.c.root_id == t.task.c.id,
        comment.c.task_id == origin.c.id,
        tuple_(comment.c.created_at, comment.c.id) >= tuple_(_AT, _ID),
        sees(comment, t.task, wider),
    )
    silent = [
        one.where(_ACTIVE >= _SINCE, ~since.correlate(t.task)).subquery() for one in _kinds(active)
    ]
    return select(union(*(select(one.c.id) for one in silent)).subquery().c.id)


def _may_hold(query: str, sqlite: bool) -> ColumnElement[bool]:
    """Whether all words begin words of one of a task's entries.

    Far less work than to find out what the contact sees of a task, and there they must stand, too.
    """
    member = t.task.alias()
    said = (
        select(literal(1))
        .where(
            member.c.root_id == t.task.c.id,
            t.search_text.c.task_id == member.c.id,
            *_needles(query).stand(sqlite),
        )
        .limit(1)
    )
    # Asked of each task: PostgreSQL would list all entries with these words for EXISTS.
    return said.correlate(t.task).scalar_subquery().is_not(None)


def _needles(query: str) -> Needles:
    typed = (tuple(words(one)) for one in query.split())
    return Needles(tuple((Phrase(one, prefix=True),) for one in typed if one))


def _joined() -> Select[Any]:
    """The tasks in which one of the contacts takes part."""
    member, part = t.task.alias(), t.participant.alias()
    return (
        select(member.c.root_id)
        .join(part, part.c.task_id == member.c.id)
        .where(part.c.contact_id.in_(WHOSE))
    )


def _kinds(active: bool | None) -> list[Select[Any]]:
    """The contact's own tasks and those of others, open and finished: each has one index."""
    columns = (_ACTIVE.label("at"), t.task.c.id)
    return [
        select(*columns).where(theirs, t.task.c.active.is_(one), is_shown(t.task))
        for one in ((True, False) if active is None else (active,))
        for theirs in (t.task.c.contact_id.in_(WHOSE), t.task.c.id.in_(_joined()))
    ]
