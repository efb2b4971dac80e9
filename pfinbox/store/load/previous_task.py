"""The links to earlier tasks (R8): a contact's last task, and the one that follows a moment.

Statements are put together once: every mail of a history asks for these.
"""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    func,
    select,
    tuple_,
    union_all,
)

from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.roots import cards as cards_of
from pfinbox.store.roots import is_living
from pfinbox.store.uow import UnitOfWork


@record
class Linked:
    """A task with the one before it."""

    id: int
    created_at: datetime
    previous_task_id: int | None


@record
class Said:
    """A contact said or got something at this moment, in this task."""

    contact_id: int
    task_id: int
    at: datetime


async def last_task(uow: UnitOfWork, contact_id: int) -> int | None:
    """The last living task in which this contact wrote or was written to (R8, R9)."""
    found: int | None = await uow.connection.scalar(_last(), {"contact_id": contact_id})
    return found


async def around(uow: UnitOfWork, said: Sequence[Said]) -> list[tuple[Linked, Linked | None]]:
    """For each of these its task, and the contact's first other living task that began later."""
    asked = [
        (place, one.contact_id, one.task_id, _written(one.at, uow.sqlite))
        for place, one in enumerate(said)
    ]
    rows = await uow.connection.execute(_around(uow.sqlite), {"asked": json.dumps(asked)})
    found = {
        row.place: (
            Linked(row.id, row.created_at, row.previous_task_id),
            Linked(row.next_id, row.next_created_at, row.next_previous_id)
            if row.next_id is not None
            else None,
        )
        for row in rows
    }
    return [found[place] for place in range(len(said))]


async def last_before(
    uow: UnitOfWork, pairs: Collection[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """By contact and task, the contact's last living task before this one (R8).

    Only what was said before the task began counts, in tasks that began before it.
    """
    values = {"asked": json.dumps(list(pairs))}
    rows = (await uow.connection.execute(_last_before(uow.sqlite), values)).all()
    # The last one stays.
    rows.sort(key=lambda row: (row.at, row.comment_id))
    return {(row.contact_id, row.task_id): row.root_id for row in rows}


@cache
def _last() -> Select[tuple[int]]:
    """By two ways to a comment, written and got, each with an index of its own."""
    origin, root = t.task.alias("origin"), t.task.alias("root")
    cards = cards_of(bindparam("contact_id"))
    last = (
        select(root.c.id, t.comment.c.created_at.label("at"), t.comment.c.id.label("comment_id"))
        .join(origin, origin.c.root_id == root.c.id)
        .join(t.comment, t.comment.c.task_id == origin.c.id)
        .where(is_living(root))
        .order_by(t.comment.c.created_at.desc(), t.comment.c.id.desc())
        .limit(1)
    )
    wrote = last.where(t.comment.c.contact_id.in_(cards)).subquery()
    got = (
        last.join(t.notify, t.notify.c.comment_id == t.comment.c.id)
        .where(t.notify.c.contact_id.in_(cards))
        .subquery()
    )
    both = union_all(select(wrote), select(got)).subquery()
    return select(both.c.id).order_by(both.c.at.desc(), both.c.comment_id.desc()).limit(1)


def _written(at: datetime, sqlite: bool) -> str:
    """A moment as the database compares it."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%d %H:%M:%S.%f}" if sqlite else at.isoformat()


def _asked(sqlite: bool) -> tuple[Any, list[ColumnElement[Any]]]:
    """The rows of the JSON array ``asked``, and four columns of them."""
    if sqlite:
        rows = func.json_each(bindparam("asked", type_=Text)).table_valued("value")
        return rows, [func.json_extract(rows.c.value, f"$[{n}]") for n in range(4)]
    from sqlalchemy.dialects.postgresql import JSONB

    rows = func.jsonb_array_elements(cast(bindparam("asked", type_=Text), JSONB)).table_valued(
        "value"
    )
    texts = [rows.c.value.op("->>")(n) for n in range(4)]
    return rows, [*(cast(one, BigInteger) for one in texts[:3]), texts[3]]


@cache
def _around(sqlite: bool) -> Select[Any]:
    rows, (place, contact_id, task_id, text) = _asked(sqlite)
    own, following = t.task.alias("own"), t.task.alias("following")
    later = t.task.alias("later")
    at = text if sqlite else cast(text, later.c.created_at.type)
    next_id = (
        select(later.c.id)
        .join(t.contact, t.contact.c.id == later.c.contact_id)
        .where(
            t.contact.c.root_id == contact_id,
            later.c.created_at > at,
            later.c.id != task_id,
            later.c.root_id == later.c.id,
            is_living(later),
        )
        .order_by(later.c.created_at, later.c.id)
        .limit(1)
        .correlate(rows)
        .scalar_subquery()
    )
    return (
        select(
            place.label("place"),
            own.c.id,
            own.c.created_at,
            own.c.previous_task_id,
            following.c.id.label("next_id"),
            following.c.created_at.label("next_created_at"),
            following.c.previous_task_id.label("next_previous_id"),
        )
        .select_from(rows)
        .join(own, own.c.id == task_id)
        .outerjoin(following, following.c.id == next_id)
    )


@cache
def _last_before(sqlite: bool) -> Select[Any]:
    """By two ways to a comment, as :func:`_last`."""
    rows, (contact_id, task_id, *_) = _asked(sqlite)
    own = t.task.alias("own")

    def newest(*, wrote: bool) -> Any:
        origin, root, said = t.task.alias(), t.task.alias(), t.comment.alias()
        card, got = t.contact.alias(), t.notify.alias()
        cards = select(card.c.id).where(card.c.root_id == contact_id).correlate(rows)
        query = (
            select(said.c.id)
            .join(origin, origin.c.id == said.c.task_id)
            .join(root, root.c.id == origin.c.root_id)
            .where(
                is_living(root),
                said.c.created_at < own.c.created_at,
                tuple_(root.c.created_at, root.c.id) < tuple_(own.c.created_at, own.c.id),
            )
            .order_by(said.c.created_at.desc(), said.c.id.desc())
            .limit(1)
        )
        if wrote:
            query = query.where(said.c.contact_id.in_(cards))
        else:
            query = query.join(got, got.c.comment_id == said.c.id)
            query = query.where(got.c.contact_id.in_(cards))
        return query.correlate(rows, own).scalar_subquery()

    pair = contact_id.label("contact_id"), own.c.id.label("task_id")
    of_own = [
        select(*pair, newest(wrote=wrote).label("comment_id"))
        .select_from(rows)
        .join(own, own.c.id == task_id)
        for wrote in (True, False)
    ]
    both = union_all(*of_own).subquery()
    return (
        select(
            both.c.contact_id,
            both.c.task_id,
            t.comment.c.id.label("comment_id"),
            t.comment.c.created_at.label("at"),
            t.task.c.root_id,
        )
        .join(t.comment, t.comment.c.id == both.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
    )
