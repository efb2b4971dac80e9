"""A contact's tasks by when something happened in them: what the page's list looks through.

What the contact has seen last of a task is never younger than what happened last in it, so a page
of the list is found among the first of these, however many there are.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, select, tuple_, union

from pfinbox.store import tables as t
from pfinbox.store.read.portal.sight import WHOSE, Sight, is_shown, sees
from pfinbox.store.tables.base import BigInt, Utc
from pfinbox.store.uow import UnitOfWork

# When something happened last in a task, and its number.
Place = tuple[datetime, int]


async def candidates(
    uow: UnitOfWork, who: Sight, active: bool | None, below: Place | None, most: int
) -> Sequence[Place]:
    """The next ``most`` of them ``below`` a place, the last active first."""
    values = who.values | {"most": most}
    if below is not None:
        values |= {"at": below[0], "id": below[1]}
    statement = _below(active, below is not None)
    return [(row.at, row.id) for row in await uow.connection.execute(statement, values)]


async def left_over(uow: UnitOfWork, who: Sight, active: bool | None, last: Place) -> list[int]:
    """The tasks active since a page's last comment in which the contact saw nothing since then.

    Agents have talked among themselves; these tasks stand on a later page.
    """
    values = who.values | {"at": last[0], "id": last[1]}
    found = await uow.connection.scalars(_left_over(who.wider, active), values)
    return list(found)


_AT: Any = bindparam("at", type_=Utc)
_ID: Any = bindparam("id", type_=BigInt)
_MOST: Any = bindparam("most", type_=BigInt)
_ACTIVE = t.task.c.last_activity_at


@lru_cache
def _below(active: bool | None, goes_on: bool) -> Select[Any]:
    place, order = tuple_(_ACTIVE, t.task.c.id), (_ACTIVE.desc(), t.task.c.id.desc())
    # An index gives each of these in this order.
    some = [
        one.where(place < tuple_(_AT, _ID) if goes_on else _ACTIVE.is_not(None))
        .order_by(*order)
        .limit(_MOST)
        .subquery()
        for one in _kinds(active)
    ]
    found = union(*(select(one.c.at, one.c.id) for one in some)).subquery("found")
    return select(found).order_by(found.c.at.desc(), found.c.id.desc()).limit(_MOST)


@lru_cache
def _left_over(wider: str, active: bool | None) -> Select[Any]:
    comment, origin = t.comment.alias(), t.task.alias()
    since = exists().where(
        origin.c.root_id == t.task.c.id,
        comment.c.task_id == origin.c.id,
        tuple_(comment.c.created_at, comment.c.id) >= tuple_(_AT, _ID),
        sees(comment, t.task, wider),
    )
    silent = [
        one.where(_ACTIVE >= _AT, ~since.correlate(t.task)).subquery() for one in _kinds(active)
    ]
    return select(union(*(select(one.c.id) for one in silent)).subquery().c.id)


def _kinds(active: bool | None) -> list[Select[Any]]:
    """The contact's own tasks and those of others, open and finished: each has one index."""
    member, part = t.task.alias(), t.participant.alias()
    joined = (
        select(member.c.root_id)
        .join(part, part.c.task_id == member.c.id)
        .where(part.c.contact_id.in_(WHOSE))
    )
    columns = (_ACTIVE.label("at"), t.task.c.id)
    return [
        select(*columns).where(theirs, t.task.c.active.is_(one), is_shown(t.task))
        for one in ((True, False) if active is None else (active,))
        for theirs in (t.task.c.contact_id.in_(WHOSE), t.task.c.id.in_(joined))
    ]
