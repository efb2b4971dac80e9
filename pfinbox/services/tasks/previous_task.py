"""The links to earlier tasks (R8), corrected after an import or a merge."""

from datetime import datetime

from pfinbox.domain.merging.chain import straighten as rule
from pfinbox.domain.merging.tree import Change
from pfinbox.store import load, write
from pfinbox.store.uow import UnitOfWork


async def relink(uow: UnitOfWork, contact_id: int, task_id: int, at: datetime) -> None:
    """The past arrived: in the task ``task_id`` stands what this contact said or got at ``at``.

    Two links may change: its own, where it begins with that, and that of the contact's next task.
    """
    own = await load.previous_task.linked(uow, task_id)
    if own.created_at == at:
        last = await load.previous_task.last_task(uow, contact_id, before=own)
        if last != own.previous_task_id:
            await write.tasks.change(uow, task_id, previous_task_id=last)
    following = await load.previous_task.following(uow, contact_id, task_id, at)
    if following is None or following.previous_task_id == task_id:
        return
    if await load.previous_task.last_task(uow, contact_id, before=following) == task_id:
        await write.tasks.change(uow, following.id, previous_task_id=task_id)


async def straighten(uow: UnitOfWork, root_id: int) -> list[Change]:
    """After a merge: give the chain that starts at ``root_id`` an end; what changed for that."""
    links = await load.tasks.chain(uow, root_id)
    changes = [
        Change("task", task_id, "previous_task_id", links[task_id].previous_id, previous)
        for task_id, previous in rule(links, root_id).items()
    ]
    await write.merges.put(uow, changes)
    return changes
