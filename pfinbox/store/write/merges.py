"""Writing merges: the redirect by which a tree is read, and the record by which it is undone."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, update

from pfinbox.domain.merging.tree import Change, Merge
from pfinbox.store import tables as t
from pfinbox.store.load.merges import NODES, PLACES, Kind, read_mark
from pfinbox.store.uow import UnitOfWork


async def redirect(uow: UnitOfWork, kind: Kind, other_id: int, survivor_id: int) -> None:
    """Write the edge, by which the merge is undone, and the root, by which the tree is read."""
    node = NODES[kind]
    await uow.connection.execute(
        update(node).where(node.c.root_id == other_id).values(root_id=survivor_id)
    )
    await uow.change(node, other_id, merged_into_id=survivor_id)


async def set_apart(uow: UnitOfWork, kind: Kind, node_id: int, below: Collection[int]) -> None:
    """Make ``node_id`` a root again; ``below``: its tree, itself included."""
    node = NODES[kind]
    await uow.connection.execute(update(node).where(node.c.id.in_(below)).values(root_id=node_id))
    await uow.change(node, node_id, merged_into_id=None)


async def add(uow: UnitOfWork, kind: Kind, agent_id: int, merge: Merge) -> int:
    """Add the record of a merge; returns its id."""
    return await uow.add(
        t.merge,
        kind=kind,
        survivor_id=merge.survivor_id,
        other_id=merge.other_id,
        at=merge.at,
        agent_id=agent_id,
        before=_before(merge),
    )


async def rewrite(uow: UnitOfWork, merges: Iterable[Merge]) -> None:
    """Change the records of merges that stand."""
    for merge in merges:
        await uow.change(t.merge, merge.id, before=_before(merge))


async def end(uow: UnitOfWork, merge: Merge) -> None:
    """Mark a merge as undone."""
    await uow.change(t.merge, merge.id, undone_at=uow.now)


def _before(merge: Merge) -> Mapping[str, Any]:
    values: dict[str, Any] = {
        "mark": merge.mark,
        "changes": [[c.table, c.row, c.column, c.was, c.now] for c in merge.changes],
        "chats": sorted(merge.chats),
        "active_at": merge.active_at.isoformat() if merge.active_at else None,
        "own_active_at": merge.own_active_at.isoformat() if merge.own_active_at else None,
        "notable": merge.notable,
        "read": {str(agent): comment for agent, comment in merge.read.items()},
        "guests": list(merge.guests),
        "mains": list(merge.mains),
    }
    return {name: value for name, value in values.items() if value or name == "mark"}


async def put(uow: UnitOfWork, changes: Iterable[Change]) -> None:
    """Make these changes, in their order."""
    for change in changes:
        if change.table != "read_mark":
            await uow.change(PLACES[change.table], change.row, **{change.column: change.now})
            continue
        await uow.connection.execute(delete(t.read_mark).where(read_mark(change)))
        if change.now is not None:
            mark = {"agent_id": change.row, "task_id": int(change.column)}
            await uow.connection.execute(insert(t.read_mark).values(comment_id=change.now, **mark))
