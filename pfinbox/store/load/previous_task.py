"""The links to earlier tasks (R8): a contact's last task, and the one that follows a moment.

Statements are put together once: every mail runs them.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select, tuple_, union_all

from pfinbox.store import tables as t
from pfinbox.store.roots import cards as cards_of
from pfinbox.store.roots import is_living
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Linked:
    """A task with the one before it."""

    id: int
    created_at: datetime
    previous_task_id: int | None


async def last_task(
    uow: UnitOfWork, contact_id: int, *, before: Linked | None = None
) -> int | None:
    """The last living task in which this contact wrote or was written to (R8, R9).

    ``before``: the task that is to be linked; only what was said before it counts, in tasks that
    began before it.
    """
    values: dict[str, object] = {"contact_id": contact_id}
    if before is not None:
        values |= {"at": before.created_at, "task_id": before.id}
    found: int | None = await uow.connection.scalar(_last(before is not None), values)
    return found


@cache
def _last(before: bool) -> Select[tuple[int]]:
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
    if before:
        at = bindparam("at", type_=t.task.c.created_at.type)
        began = tuple_(root.c.created_at, root.c.id)
        last = last.where(t.comment.c.created_at < at, began < tuple_(at, bindparam("task_id")))
    wrote = last.where(t.comment.c.contact_id.in_(cards)).subquery()
    got = (
        last.join(t.notify, t.notify.c.comment_id == t.comment.c.id)
        .where(t.notify.c.contact_id.in_(cards))
        .subquery()
    )
    both = union_all(select(wrote), select(got)).subquery()
    return select(both.c.id).order_by(both.c.at.desc(), both.c.comment_id.desc()).limit(1)


_LINKED = select(t.task.c.id, t.task.c.created_at, t.task.c.previous_task_id)
_OWN = _LINKED.where(t.task.c.id == bindparam("task_id"))
_FOLLOWING = (
    _LINKED.join(t.contact, t.contact.c.id == t.task.c.contact_id)
    .where(
        t.contact.c.root_id == bindparam("contact_id"),
        t.task.c.created_at > bindparam("at", type_=t.task.c.created_at.type),
        t.task.c.id != bindparam("task_id"),
        t.task.c.root_id == t.task.c.id,
        is_living(t.task),
    )
    .order_by(t.task.c.created_at, t.task.c.id)
    .limit(1)
)


async def linked(uow: UnitOfWork, task_id: int) -> Linked:
    """A task with its link."""
    return Linked(*(await uow.connection.execute(_OWN, {"task_id": task_id})).one())


async def following(uow: UnitOfWork, contact_id: int, task_id: int, at: datetime) -> Linked | None:
    """The contact's first living task, but for ``task_id``, that began after ``at``."""
    values = {"contact_id": contact_id, "task_id": task_id, "at": at}
    row = (await uow.connection.execute(_FOLLOWING, values)).first()
    return Linked(*row) if row is not None else None
