"""Who waits in a task and what was said last, computed from its comments (R41).

A message that arrives and an answer keep these columns up to date themselves; a comment that is
moved, taken back or edited has them computed here.
"""

from collections.abc import Collection
from datetime import datetime

from pfinbox.domain import awaiting_reply as rules
from pfinbox.domain.awaiting_reply import Said, Shown
from pfinbox.domain.events.comments import CommentWritten
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
    shown = await foreseen(uow, task_id, notable=notable, active_at=active_at)
    await write.tasks.show(uow, task_id, shown)
    return shown


async def foreseen(
    uow: UnitOfWork,
    task_id: int,
    *,
    notable: Collection[int] = (),
    active_at: datetime | None = None,
) -> Shown:
    """What ``refresh`` would write."""
    waits = await waiting(uow, task_id)
    last = await load.awaiting_reply.last_word(uow, task_id, client_waits=bool(waits))
    standing = await load.awaiting_reply.standing(uow, task_id)
    return rules.shown(standing, waits, last, notable, active_at)


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


async def wait_for(uow: UnitOfWork, task_id: int, agent_id: int | None) -> None:
    """What waits in the task is new for this agent, who has it now, or for everybody."""
    waits = {one.id for one in await waiting(uow, task_id)}
    if agent_id is None:
        await refresh(uow, task_id, notable=waits)
        return
    for comment_id in sorted(waits):
        await write.unread.notice(uow, task_id, comment_id, {agent_id})


async def answered(uow: UnitOfWork, task_id: int, written: CommentWritten) -> None:
    """An agent's comment that leaves now ends the client's waiting; talk aside does not."""
    values: dict[str, object] = {}
    outside = bool(written.contacts)
    aside = outside and await load.awaiting_reply.only_outside(uow, written.comment)
    if outside and not aside and not written.scheduled:
        values = {"waiting_since": None, "last_notable_id": 0}
        values |= {"last_direction": "outgoing", "last_line": written.line}
    await write.tasks.happened(uow, task_id, **values)
    if aside:
        # A forward does not answer the client.
        await refresh(uow, task_id)
