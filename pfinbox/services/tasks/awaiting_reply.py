"""Who waits in a task and what was said last, computed from its comments (R41).

A message that arrives and an answer keep these columns up to date themselves; a comment that is
moved, taken back or edited has them computed here.
"""

from collections.abc import Collection
from datetime import datetime

from pfinbox.domain import awaiting_reply as rules
from pfinbox.domain.awaiting_reply import Said, Shown
from pfinbox.store import load, statuses, write
from pfinbox.store.uow import UnitOfWork


async def refresh(
    uow: UnitOfWork,
    task_id: int,
    *,
    notable: Collection[int] = (),
    active_at: datetime | None = None,
) -> Shown:
    """Recompute what the list shows of a root from its comments, merged ones included.

    ``notable``: comments that may be new for every agent besides the one noted in the task;
    those that nobody has to answer any more are left out. ``active_at``: the earliest moment that
    it can have been active last; by default the one noted.
    """
    waits = await waiting(uow, task_id)
    last = await load.awaiting_reply.last_word(uow, task_id, client_waits=bool(waits))
    standing = await load.awaiting_reply.standing(uow, task_id)
    shown = rules.shown(standing, waits, last, notable, active_at)
    await write.tasks.show(uow, task_id, shown)
    return shown


async def waiting(uow: UnitOfWork, root_id: int) -> list[Said]:
    """The client's messages still to answer, oldest first."""
    heard = await load.awaiting_reply.heard(uow, root_id)
    if not heard:
        return []
    settled = rules.settled_at(
        await load.awaiting_reply.happened(uow, root_id),
        await statuses.all_statuses(uow),
        await load.merges.tree(uow, "task", root_id),
    )
    return [
        one
        for one in heard
        if not rules.is_settled(one.stored_at, one.created_at, settled[one.task_id])
    ]


async def unnoticed(uow: UnitOfWork, task_id: int, after: int = 0) -> set[int]:
    """Waiting messages stored after comment ``after`` that are marked as new for no one agent."""
    if (await load.awaiting_reply.standing(uow, task_id)).assignee_agent_id is not None:
        return set()
    ids = {one.id for one in await waiting(uow, task_id) if one.id > after}
    return ids - await load.awaiting_reply.noticed(uow, ids)


async def wait_again(uow: UnitOfWork, task_id: int) -> None:
    """Put the task back among those to answer, and mark as new what was new for everybody."""
    await refresh(uow, task_id, notable=await unnoticed(uow, task_id))
