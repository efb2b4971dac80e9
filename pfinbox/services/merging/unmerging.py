"""Taking a merged task out again, also after later talk (R33)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events import Unmerged, UnmergedFrom
from pfinbox.services import access
from pfinbox.services.merging import merged_clients
from pfinbox.services.merging.merging import adopted
from pfinbox.services.merging.unmerge_plan import (
    Parting,
    delivered_by,
    must_leave_one_task_a_chat,
    part,
    spoken,
)
from pfinbox.services.people import revealing
from pfinbox.services.tasks import awaiting_reply, bindings, merge_records, reading
from pfinbox.services.tasks.previous_task import straighten
from pfinbox.store import journal, snapshots
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def unmerge_task(uow: UnitOfWork, actor: AgentActor, task_id: int) -> int:
    """Take ``task_id`` out of the task that it was merged into; returns what is left of that.

    Everything is as it was, and what was said since goes with its chat; internal talk stays.
    """
    survivor_id = (await access.the_task(uow, actor, task_id)).id
    await merge_records.lock(uow, "task", [survivor_id])
    async with revealing.guard(uow, actor, tasks=[survivor_id]):
        return await _unmerge(uow, actor, task_id)


async def unmerge_tasks(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """Take these tasks out, in this order, all or none."""
    for task_id in task_ids:
        await unmerge_task(uow, actor, task_id)


async def _unmerge(uow: UnitOfWork, actor: AgentActor, task_id: int) -> int:
    parting = await part(uow, actor, task_id)
    await must_leave_one_task_a_chat(uow, actor, parting)
    survivor = parting.survivor
    noted = (
        await uow.connection.execute(
            select(t.task.c.last_notable_id).where(t.task.c.id == survivor.id)
        )
    ).scalar_one()
    marks: dict[int, set[int]] = {}
    for record in await merge_records.into(uow, "task", parting.merge.survivor_id):
        for reader, mark in record.before["read"].items():
            marks.setdefault(int(reader), set()).add(mark)
    await reading.parted(uow, survivor.id, task_id, marks)
    await merge_records.set_apart(uow, "task", task_id, parting.below)
    moved = await _move(uow, parting)
    await merge_records.undo(uow, parting.merge)
    await merged_clients.dismiss(uow, parting.merge.before["guests"])
    await _adopt_again(uow, parting.merge.survivor_id)
    for root in (survivor.id, task_id):
        await merged_clients.invite(uow, root)
        await straighten(uow, root)
    await reading.notices_follow(uow, survivor.id, task_id)
    for root in (survivor.id, task_id):
        task = await snapshots.task(uow, root)
        if task.open:
            await bindings.take_chats_back(uow, task, actor.id)
    await _stand(uow, parting, noted)
    for root in (survivor.id, task_id):
        await index.index_task(uow, root)
    await index.index_comments(uow, moved)
    parted = tuple(moved)
    await journal.record(uow, survivor.id, Unmerged(other=task_id, comments=parted), actor.id)
    await journal.record(
        uow, task_id, UnmergedFrom(survivor=survivor.id, comments=parted), actor.id
    )
    uow.touch("tasks", "outbox", "drafts")
    return survivor.id


async def _move(uow: UnitOfWork, parting: Parting) -> list[int]:
    """Agents' comments that went by a chat of the leaving task go there; their ids."""
    moved = [
        row
        for row in parting.comments
        if row.id in parting.going and row.task_id not in parting.below
    ]
    by_chat = await delivered_by(uow, parting.survivor.id) if moved else {}
    owners = {
        row.chat_id: row.task_id
        for row in await uow.connection.execute(
            select(t.binding.c.chat_id, t.binding.c.task_id)
            .where(t.binding.c.task_id.in_(parting.below))
            .order_by(t.binding.c.current, t.binding.c.id)
        )
    }
    for row in moved:
        chats = spoken(row, by_chat.get(row.id, frozenset())).chats
        owner = next((owners[i] for i in sorted(chats) if i in owners), parting.leaving_id)
        await uow.connection.execute(
            update(t.comment).where(t.comment.c.id == row.id).values(task_id=owner)
        )
    return [row.id for row in moved]


async def _adopt_again(uow: UnitOfWork, survivor_id: int) -> None:
    """What the leaving task had lent to the survivor, another merged one may lend now."""
    for record in await merge_records.into(uow, "task", survivor_id):
        rows = {
            row.id: row
            for row in await uow.connection.execute(
                select(t.task).where(t.task.c.id.in_([survivor_id, record.other_id]))
            )
        }
        changes = adopted(rows[survivor_id], rows[record.other_id])
        for change in changes:
            await merge_records.put(uow, change)
        if changes:
            known = [*record.before["changes"], *merge_records.as_json(changes)]
            await merge_records.rewrite(uow, record.id, changes=known)


async def _stand(uow: UnitOfWork, parting: Parting, noted: int) -> None:
    """The list's columns of both, from their own comments."""
    active_at = await _active_at(uow, parting.merge)
    direct = parting.merge.survivor_id == parting.survivor.id
    if not direct:
        # The former survivor is merged itself and not shown: its columns wait for its own
        # unmerge, and must not remember the task that has left.
        await uow.connection.execute(
            update(t.task)
            .where(t.task.c.id == parting.merge.survivor_id)
            .values(
                last_activity_at=active_at,
                last_notable_id=parting.merge.before["notable"],
            )
        )
    await awaiting_reply.refresh(
        uow,
        parting.survivor.id,
        notable={
            parting.merge.before["notable"],
            *await awaiting_reply.unnoticed(uow, parting.survivor.id, parting.merge.before["mark"]),
        },
        active_at=active_at if direct else None,
    )
    await awaiting_reply.refresh(
        uow,
        parting.leaving_id,
        notable={
            noted,
            *await awaiting_reply.unnoticed(uow, parting.leaving_id, parting.merge.before["mark"]),
        },
    )
    await _forget_in_later(uow, parting)


async def _active_at(uow: UnitOfWork, merge: Row[Any]) -> datetime:
    """When the survivor was active last without the task that leaves.

    As it was before this merge; but where others came in later, that is known only of the time
    before them all, and they must not remember what has left.
    """
    own: str = merge.before["own"]["active_at"]
    survivors = await merge_records.into(uow, "task", merge.survivor_id)
    later = [record for record in survivors if record.id > merge.id]
    for record in later:
        await merge_records.rewrite(uow, record.id, active_at=own)
    return datetime.fromisoformat(own if later else merge.before["active_at"])


async def _forget_in_later(uow: UnitOfWork, parting: Parting) -> None:
    """Later merges into the same task must not bring back what left with this one as new."""
    here = (
        await uow.connection.execute(select(t.task).where(t.task.c.id == parting.survivor.id))
    ).one()
    for record in await merge_records.into(uow, "task", parting.survivor.id):
        if record.id > parting.merge.id and record.before["notable"] in parting.going:
            known = here.last_notable_id
            notable = known if known <= record.before["mark"] else 0
            await merge_records.rewrite(uow, record.id, notable=notable)
