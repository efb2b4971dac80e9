"""Taking a merged task out again, also after later talk (R33)."""

from collections.abc import Sequence
from dataclasses import replace

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events.merging import Unmerged, UnmergedFrom
from pfinbox.domain.merging import parting as rules
from pfinbox.domain.merging import reading
from pfinbox.domain.merging.joining import adopted
from pfinbox.domain.merging.parting import Parting
from pfinbox.services import access
from pfinbox.services.events import awaiting_reply, reactions
from pfinbox.services.merging import merged_clients
from pfinbox.services.merging.undoing import undo
from pfinbox.services.merging.unmerge_plan import must_be_allowed, part
from pfinbox.services.people import revealing
from pfinbox.services.tasks import bindings
from pfinbox.services.tasks.previous_task import straighten
from pfinbox.store import load, locks, snapshots, write
from pfinbox.store.uow import UnitOfWork


async def unmerge_task(uow: UnitOfWork, actor: AgentActor, task_id: int) -> int:
    """Take ``task_id`` out of the task that it was merged into; returns what is left of that.

    Everything is as it was, and what was said since goes with its chat; internal talk stays.
    """
    survivor_id = (await access.the_task(uow, actor, task_id)).id
    await locks.tasks(uow, [survivor_id])
    async with revealing.guard(uow, actor, tasks=[survivor_id]):
        return await _unmerge(uow, actor, task_id)


async def unmerge_tasks(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """Take these tasks out, in this order, all or none."""
    await locks.tasks(uow, task_ids)
    for task_id in task_ids:
        await unmerge_task(uow, actor, task_id)


async def _unmerge(uow: UnitOfWork, actor: AgentActor, task_id: int) -> int:
    plan = await part(uow, actor, task_id)
    parting, merge = plan.parting, plan.parting.merge
    await must_be_allowed(uow, actor, parting)
    survivor = parting.survivor
    both = (survivor.id, task_id)
    readers = await load.merges.readers(uow, both)
    by_merges = rules.made_by_merges(plan.tree.into(merge.survivor_id))
    marks = reading.parted(readers, survivor.id, task_id, by_merges)
    homes = rules.new_homes(parting, plan.bindings)
    await write.unread.read_up_to(uow, task_id, marks)
    await write.merges.set_apart(uow, "task", task_id, parting.below)
    await write.comments.move(uow, homes)
    await undo(uow, "task", merge)
    await write.tasks.dismiss(uow, merge.guests)
    await _adopt_again(uow, survivor.id, merge.survivor_id)
    for root in both:
        await merged_clients.invite(uow, root)
        await straighten(uow, root)
    await write.unread.notices_follow(uow, both)
    for root in both:
        task = await snapshots.task(uow, root)
        if task.open:
            await bindings.take_chats_back(uow, task, actor.id)
    await _show(uow, parting)
    moved = tuple(homes)
    await reactions.follow(uow, survivor.id, Unmerged(other=task_id, comments=moved), actor.id)
    parted = UnmergedFrom(survivor=survivor.id, comments=moved)
    await reactions.follow(uow, task_id, parted, actor.id)
    uow.touch("tasks", "outbox", "drafts")
    return survivor.id


async def _adopt_again(uow: UnitOfWork, root_id: int, survivor_id: int) -> None:
    """What the leaving task had lent to the survivor, another merged one may lend now."""
    for merge in (await load.merges.tree(uow, "task", root_id)).into(survivor_id):
        terms = await load.tasks.terms(uow, (survivor_id, merge.other_id))
        changes = adopted(survivor_id, terms[survivor_id], terms[merge.other_id])
        if changes:
            await write.merges.put(uow, changes)
            known = replace(merge, changes=(*merge.changes, *changes))
            await write.merges.rewrite(uow, [known])


async def _show(uow: UnitOfWork, parting: Parting) -> None:
    """The list's columns of both, from their own comments."""
    survivor, leaving, merge = parting.survivor, parting.leaving, parting.merge
    later = (await load.merges.tree(uow, "task", survivor.id)).after(merge.id)
    active_at = rules.active_at_without(merge, later)
    direct = merge.survivor_id == survivor.id
    if not direct:
        # The former survivor is merged itself and not shown: its columns wait for its own
        # unmerge, and must not remember the task that has left.
        await write.tasks.change(
            uow, merge.survivor_id, last_activity_at=active_at, last_notable_id=merge.notable
        )
    left = await awaiting_reply.unnoticed(uow, survivor.id, merge.mark)
    shown = await awaiting_reply.refresh(
        uow,
        survivor.id,
        notable={merge.notable, *left},
        active_at=active_at if direct else None,
    )
    came = await awaiting_reply.unnoticed(uow, leaving.id, merge.mark)
    await awaiting_reply.refresh(uow, leaving.id, notable={survivor.last_notable_id, *came})
    await write.merges.rewrite(uow, rules.without(parting, later, shown.last_notable_id))
