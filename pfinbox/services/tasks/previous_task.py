"""The links to earlier tasks (R8): found, and corrected after an import or a merge."""

from datetime import datetime

from sqlalchemy import Select, bindparam, select, tuple_, union_all

from pfinbox.domain.merging.chain import straighten as rule
from pfinbox.domain.merging.tree import Change
from pfinbox.store import load, write
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


def _last(*, before: bool) -> Select[tuple[int]]:
    """By two ways to a comment, written and got, each with an index of its own."""
    origin, root = t.task.alias("origin"), t.task.alias("root")
    cards = select(t.contact.c.id).where(t.contact.c.root_id == bindparam("contact_id"))
    last = (
        select(root.c.id, t.comment.c.created_at.label("at"), t.comment.c.id.label("comment_id"))
        .join(origin, origin.c.root_id == root.c.id)
        .join(t.comment, t.comment.c.task_id == origin.c.id)
        .where(root.c.deleted_at.is_(None), root.c.purged_at.is_(None))
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


_card = t.contact.alias("card")
# Built once: every mail runs this statement.
_LAST, _LAST_BEFORE = _last(before=False), _last(before=True)


async def last_task(
    uow: UnitOfWork, contact_id: int, *, before: tuple[datetime, int] | None = None
) -> int | None:
    """The last living task in which this contact wrote or was written to (R8, R9).

    ``before``: the moment and the id of the task that is to be linked; only what was said before
    it counts, in tasks that began before it.
    """
    values: dict[str, object] = {"contact_id": contact_id}
    query = _LAST
    if before is not None:
        values |= {"at": before[0], "task_id": before[1]}
        query = _LAST_BEFORE
    found: int | None = await uow.connection.scalar(query, values)
    return found


async def relink(uow: UnitOfWork, contact_id: int, task_id: int, at: datetime) -> None:
    """The past arrived: in the task ``task_id`` stands what this contact said or got at ``at``.

    Two links may change: its own, where it begins with that, and that of the contact's next task.
    """
    own = (await uow.connection.execute(_OWN, {"task_id": task_id})).one()
    if own.created_at == at:
        last = await last_task(uow, contact_id, before=(at, task_id))
        if last != own.previous_task_id:
            await _link(uow, task_id, last)
    values = {"contact_id": contact_id, "task_id": task_id, "at": at}
    following = (await uow.connection.execute(_FOLLOWING, values)).first()
    if following is None or following.previous_task_id == task_id:
        return
    if await last_task(uow, contact_id, before=(following.created_at, following.id)) == task_id:
        await _link(uow, following.id, task_id)


_LINKED = select(t.task.c.id, t.task.c.created_at, t.task.c.previous_task_id)
_OWN = _LINKED.where(t.task.c.id == bindparam("task_id"))
_FOLLOWING = (
    _LINKED.join(_card, _card.c.id == t.task.c.contact_id)
    .where(
        _card.c.root_id == bindparam("contact_id"),
        t.task.c.created_at > bindparam("at", type_=t.task.c.created_at.type),
        t.task.c.id != bindparam("task_id"),
        t.task.c.root_id == t.task.c.id,
        t.task.c.deleted_at.is_(None),
        t.task.c.purged_at.is_(None),
    )
    .order_by(t.task.c.created_at, t.task.c.id)
    .limit(1)
)


async def _link(uow: UnitOfWork, task_id: int, previous_id: int | None) -> None:
    await uow.change(t.task, task_id, previous_task_id=previous_id)


async def straighten(uow: UnitOfWork, root_id: int) -> list[Change]:
    """After a merge: give the chain that starts at ``root_id`` an end; what changed for that."""
    links = await load.tasks.chain(uow, root_id)
    changes = [
        Change("task", task_id, "previous_task_id", links[task_id].previous_id, previous)
        for task_id, previous in rule(links, root_id).items()
    ]
    await write.merges.put(uow, changes)
    return changes
