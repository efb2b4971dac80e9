"""The records of merges: which ones are in force, what each changed, and putting it back (R33)."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, Table, delete, insert, select, update

from pfinbox.domain.merging import Change, Edge, Tree, take_back
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_TABLES: dict[str, Table] = {
    "task": t.task,
    "binding": t.binding,
    "contact": t.contact,
    "address": t.address,
}
_NODES: dict[str, Table] = {"task": t.task, "contact": t.contact}


async def tree(uow: UnitOfWork, kind: str, root_id: int) -> Tree:
    """A root with everything merged into it; ``kind``: task or contact."""
    node = _NODES[kind]
    rows = await uow.connection.execute(
        select(t.merge)
        .join(node, node.c.id == t.merge.c.other_id)
        .where(t.merge.c.kind == kind, t.merge.c.undone_at.is_(None), node.c.root_id == root_id)
    )
    return Tree(
        root_id, [Edge(r.other_id, r.survivor_id, r.at, int(r.before["mark"])) for r in rows]
    )


async def lock(uow: UnitOfWork, kind: str, root_ids: Iterable[int]) -> None:
    """Lock these trees until the transaction ends.

    Chats come first, as in arriving: whoever stores a message holds its chat, then its task.
    """
    if uow.sqlite:
        return
    roots = sorted(set(root_ids))
    node = _NODES[kind]
    if kind == "task":
        bound = (
            select(t.binding.c.chat_id)
            .join(t.task, t.task.c.id == t.binding.c.task_id)
            .where(t.task.c.root_id.in_(roots))
        )
        await uow.connection.execute(
            select(t.chat.c.id)
            .where(t.chat.c.id.in_(bound))
            .order_by(t.chat.c.id)
            .with_for_update()
        )
    await uow.connection.execute(
        select(node.c.id).where(node.c.root_id.in_(roots)).order_by(node.c.id).with_for_update()
    )


async def redirect(uow: UnitOfWork, kind: str, other_id: int, survivor_id: int) -> None:
    """Write the edge, by which the merge is undone, and the root, by which the tree is read."""
    node = _NODES[kind]
    await uow.connection.execute(
        update(node).where(node.c.root_id == other_id).values(root_id=survivor_id)
    )
    await uow.connection.execute(
        update(node).where(node.c.id == other_id).values(merged_into_id=survivor_id)
    )


async def set_apart(uow: UnitOfWork, kind: str, node_id: int, below: Iterable[int]) -> None:
    """``node_id`` is a root again, of everything that had been merged into it."""
    node = _NODES[kind]
    await uow.connection.execute(update(node).where(node.c.id.in_(below)).values(root_id=node_id))
    await uow.connection.execute(
        update(node).where(node.c.id == node_id).values(merged_into_id=None)
    )


async def record(
    uow: UnitOfWork, kind: str, agent_id: int, survivor_id: int, other_id: int, **before: Any
) -> int:
    """Write one merge down; ``before`` needs ``mark`` and ``changes``. Returns its id."""
    before["changes"] = as_json(before["changes"])
    return await uow.add(
        t.merge,
        kind=kind,
        survivor_id=survivor_id,
        other_id=other_id,
        at=uow.now,
        agent_id=agent_id,
        before=before,
    )


async def standing(uow: UnitOfWork, kind: str, other_id: int) -> Row[Any]:
    """The record of the merge that put ``other_id`` into its survivor."""
    return (
        await uow.connection.execute(
            select(t.merge)
            .where(
                t.merge.c.kind == kind,
                t.merge.c.other_id == other_id,
                t.merge.c.undone_at.is_(None),
            )
            .order_by(t.merge.c.id.desc())
            .limit(1)
        )
    ).one()


async def into(uow: UnitOfWork, kind: str, survivor_id: int) -> list[Row[Any]]:
    """The standing merges into one survivor, oldest first."""
    return list(
        await uow.connection.execute(
            select(t.merge)
            .where(
                t.merge.c.kind == kind,
                t.merge.c.survivor_id == survivor_id,
                t.merge.c.undone_at.is_(None),
            )
            .order_by(t.merge.c.id)
        )
    )


def as_json(changes: Sequence[Change]) -> list[list[Any]]:
    return [[c.table, c.row, c.column, c.was, c.now] for c in changes]


def from_json(changes: Sequence[Sequence[Any]]) -> list[Change]:
    return [Change(*one) for one in changes]


async def part(uow: UnitOfWork, merge_id: int, name: str) -> Any:
    """One part of what a merge wrote down."""
    return (await _before(uow, merge_id))[name]


async def _before(uow: UnitOfWork, merge_id: int) -> dict[str, Any]:
    query = select(t.merge.c.before).where(t.merge.c.id == merge_id)
    return dict((await uow.connection.execute(query)).scalar_one())


async def rewrite(uow: UnitOfWork, merge_id: int, **parts: Any) -> None:
    """Replace parts of what a standing merge wrote down."""
    before = await _before(uow, merge_id)
    await uow.connection.execute(
        update(t.merge).where(t.merge.c.id == merge_id).values(before={**before, **parts})
    )


async def undo(uow: UnitOfWork, merge: Row[Any]) -> None:
    """Mark a merge as undone and put back what it changed, unless somebody changed it since."""
    await uow.connection.execute(
        update(t.merge).where(t.merge.c.id == merge.id).values(undone_at=uow.now)
    )
    changes = from_json(merge.before["changes"])
    later = list(
        await uow.connection.execute(
            select(t.merge)
            .where(
                t.merge.c.kind == merge.kind,
                t.merge.c.id > merge.id,
                t.merge.c.undone_at.is_(None),
            )
            .order_by(t.merge.c.id)
        )
    )
    records = [from_json(row.before["changes"]) for row in later]
    current = {change.place: await _value(uow, change) for change in changes}
    back, rest = take_back(changes, current, records)
    # A chat is current on one task only, so the binding that ends is written first.
    for change in sorted(back, key=lambda one: one.now is True):
        await put(uow, change)
    for row, before, after in zip(later, records, rest, strict=True):
        if before != after:
            await rewrite(uow, row.id, changes=as_json(after))


async def _value(uow: UnitOfWork, change: Change) -> Any:
    if change.table == "read_mark":
        return await uow.connection.scalar(select(t.read_mark.c.comment_id).where(_mark(change)))
    table = _TABLES[change.table]
    return await uow.connection.scalar(
        select(table.c[change.column]).where(table.c.id == change.row)
    )


async def put(uow: UnitOfWork, change: Change) -> None:
    """Make one change; a reading mark's row is an agent, its column a task."""
    if change.table == "read_mark":
        await uow.connection.execute(delete(t.read_mark).where(_mark(change)))
        if change.now is not None:
            await uow.connection.execute(
                insert(t.read_mark).values(
                    agent_id=change.row, task_id=int(change.column), comment_id=change.now
                )
            )
        return
    table = _TABLES[change.table]
    await uow.connection.execute(
        update(table).where(table.c.id == change.row).values({change.column: change.now})
    )


def _mark(change: Change) -> Any:
    return (t.read_mark.c.agent_id == change.row) & (t.read_mark.c.task_id == int(change.column))
