"""For whom a comment is news, and whether somebody still has to answer (R41)."""

from collections.abc import Mapping

from sqlalchemy import bindparam, select

from pfinbox.domain.inbound.lifecycle import works
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Task
from pfinbox.services.notifications.notices import queue_news
from pfinbox.services.people import deputies
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.tasks import answered as answered
from pfinbox.store.write.unread import notice as notice

_NOTIFIED = (
    select(t.notify.c.agent_id)
    .join(t.agent, t.agent.c.id == t.notify.c.agent_id)
    .where(t.notify.c.comment_id == bindparam("comment_id"), t.agent.c.active)
)


async def client_wrote(
    uow: UnitOfWork,
    task: Task,
    ws: WorkingSet,
    comment_id: int,
    *,
    answered_id: int | None,
    values: Mapping[str, object],
) -> None:
    """Mark the client's comment as new for those it concerns, and the task as to answer.

    New for the assignee and for those whom the answered comment notified; if nobody of them is
    here, for every agent of the account (R44: before that, for the deputy of an absent assignee).
    ``answered_id`` is the comment that it answers; ``values``: what else changes in the task.
    """
    account = ws.account
    assignee_id = task.assignee.id if task.assignee and task.assignee.kind == "agent" else None
    concerned = await _notified_agents(uow, answered_id) if answered_id is not None else set()
    stand_in = await deputies.before_in(uow, task, assignee_id)
    if stand_in.assignee_id is not None:
        concerned.add(stand_in.assignee_id)
    if account.role == "personal" and account.owner_id is not None and not concerned:
        concerned.add(account.owner_id)
    here = {one for one in concerned & ws.agents.keys() if works(ws.agents[one], uow.now)}
    # Whoever is back some day finds it unread.
    if assignee_id is not None:
        concerned.add(assignee_id)
    changed = dict(values)
    if not here:
        changed["last_notable_id"] = comment_id
    if stand_in.instead_of is not None and stand_in.assignee_id is None:
        changed["assignee_agent_id"] = None
    await uow.change(t.task, task.id, **changed)
    if concerned:
        await notice(uow, task.id, comment_id, concerned)
    told = here or {one.id for one in ws.agents.values() if works(one, uow.now)}
    await queue_news(uow, task, comment_id, (ws.agents[one] for one in sorted(told)))
    if stand_in.instead_of is not None:
        await deputies.say_so(uow, task, stand_in)


async def _notified_agents(uow: UnitOfWork, comment_id: int) -> set[int]:
    return set(await uow.connection.scalars(_NOTIFIED, {"comment_id": comment_id}))
