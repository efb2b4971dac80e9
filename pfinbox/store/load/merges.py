"""The merges that stand (R33), and the values that they changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, select

from pfinbox.domain.merging.reading import Reader
from pfinbox.domain.merging.tree import Change, Merge, Tree
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

Kind = Literal["task", "contact"]

NODES: dict[Kind, Table] = {"task": t.task, "contact": t.contact}
# Where a merge changes a value; the row of a read mark is an agent, its column a task.
PLACES: dict[str, Table] = {
    "task": t.task,
    "binding": t.binding,
    "contact": t.contact,
    "address": t.address,
}


async def tree(uow: UnitOfWork, kind: Kind, root_id: int) -> Tree:
    """A root with everything merged into it."""
    rows = await uow.connection.execute(_tree(kind), {"root_id": root_id})
    return Tree(root_id, [_merge(row) for row in rows])


# Asked whenever who waits is computed anew.
@cache
def _tree(kind: Kind) -> Select[Any]:
    node = NODES[kind]
    inside = select(node.c.id).where(node.c.root_id == bindparam("root_id"))
    return _standing(kind).where(t.merge.c.other_id.in_(inside))


async def later(uow: UnitOfWork, kind: Kind, merge_id: int) -> list[Merge]:
    """The merges after this one, in whatever tree: they may have changed the same values."""
    rows = await uow.connection.execute(_standing(kind).where(t.merge.c.id > merge_id))
    return [_merge(row) for row in rows]


def _standing(kind: Kind) -> Select[Any]:
    return (
        select(t.merge)
        .where(t.merge.c.kind == kind, t.merge.c.undone_at.is_(None))
        .order_by(t.merge.c.id)
    )


def _merge(row: Row[Any]) -> Merge:
    before = row.before
    return Merge(
        row.id,
        row.other_id,
        row.survivor_id,
        row.at,
        int(before["mark"]),
        changes=tuple(Change(*one) for one in before.get("changes", ())),
        chats=frozenset(before.get("chats", ())),
        active_at=_moment(before.get("active_at")),
        own_active_at=_moment(before.get("own_active_at")),
        notable=before.get("notable", 0),
        read={int(agent): comment for agent, comment in before.get("read", {}).items()},
        guests=tuple(before.get("guests", ())),
        mains=tuple(before.get("mains", ())),
    )


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


async def values(uow: UnitOfWork, changes: Iterable[Change]) -> dict[tuple[str, int, str], Any]:
    """What stands now where these changes were made, by place."""
    found: dict[tuple[str, int, str], Any] = {}
    for change in changes:
        if change.table == "read_mark":
            query = select(t.read_mark.c.comment_id).where(read_mark(change))
        else:
            table = PLACES[change.table]
            query = select(table.c[change.column]).where(table.c.id == change.row)
        found[change.place] = await uow.connection.scalar(query)
    return found


def read_mark(change: Change) -> ColumnElement[bool]:
    """The read mark that a change is about."""
    return (t.read_mark.c.agent_id == change.row) & (t.read_mark.c.task_id == int(change.column))


async def readers(uow: UnitOfWork, root_ids: Sequence[int]) -> list[Reader]:
    """The agents who have a read mark in one of these root tasks."""
    marks: dict[int, dict[int, int]] = {}
    baselines: dict[int, int] = {}
    rows = await uow.connection.execute(
        select(t.read_mark, t.agent.c.read_baseline)
        .join(t.agent, t.agent.c.id == t.read_mark.c.agent_id)
        .where(t.read_mark.c.task_id.in_(root_ids))
        .order_by(t.read_mark.c.agent_id)
    )
    for row in rows:
        marks.setdefault(row.agent_id, {})[row.task_id] = row.comment_id
        baselines[row.agent_id] = row.read_baseline
    notices: dict[int, dict[int, set[int]]] = {}
    told = await uow.connection.execute(
        select(t.notice.c.agent_id, t.notice.c.comment_id, t.task.c.root_id)
        .join(t.task, t.task.c.id == t.notice.c.task_id)
        .where(t.task.c.root_id.in_(root_ids), t.notice.c.agent_id.in_(marks))
    )
    for row in told:
        by_task = notices.setdefault(row.agent_id, {})
        by_task.setdefault(row.root_id, set()).add(row.comment_id)
    return [Reader(i, baselines[i], marks[i], notices.get(i, {})) for i in marks]
