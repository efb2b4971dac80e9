"""The links to earlier tasks (R8), corrected after an import or a merge."""

from collections.abc import Iterable

from pfinbox.domain.merging.chain import straighten as rule
from pfinbox.domain.merging.tree import Change
from pfinbox.store import load, write
from pfinbox.store.load.previous_task import Said
from pfinbox.store.uow import UnitOfWork


async def relink(uow: UnitOfWork, past: Iterable[Said]) -> None:
    """The past arrived: all this was said, or got, before what stands here already.

    Each time two links may change: that of its task, where the task begins with it, and that of
    the contact's next task.
    """
    said = list(dict.fromkeys(past))
    if not said:
        return
    around = await load.previous_task.around(uow, said)
    tasks = {task.id: task for pair in around for task in pair if task is not None}
    last = await load.previous_task.last_before(
        uow,
        {
            (one.contact_id, task.id)
            for one, pair in zip(said, around, strict=True)
            for task in pair
            if task
        },
    )
    previous = {task.id: task.previous_task_id for task in tasks.values()}
    for one, (own, following) in zip(said, around, strict=True):
        if own.created_at == one.at:
            previous[own.id] = last.get((one.contact_id, own.id))
        if following is not None and last.get((one.contact_id, following.id)) == own.id:
            previous[following.id] = own.id
    for task_id, previous_id in previous.items():
        if previous_id != tasks[task_id].previous_task_id:
            await write.tasks.change(uow, task_id, previous_task_id=previous_id)


async def straighten(uow: UnitOfWork, root_id: int) -> list[Change]:
    """After a merge: give the chain that starts at ``root_id`` an end; what changed for that."""
    links = await load.tasks.chain(uow, root_id)
    changes = [
        Change("task", task_id, "previous_task_id", links[task_id].previous_id, previous)
        for task_id, previous in rule(links, root_id).items()
    ]
    await write.merges.put(uow, changes)
    return changes
