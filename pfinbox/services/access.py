"""Who may see a task (R10): a personal account's belongs to its owner until it is shared."""

from sqlalchemy import select

from pfinbox.domain.model import Agent, Task, Who
from pfinbox.errors import NotFound, Refused
from pfinbox.i18n import _
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def may_see(uow: UnitOfWork, agent: Agent, task: Task) -> bool:
    """Whether ``agent`` may see ``task``: the owner, those it was shared with, the account's."""
    me = Who("agent", agent.id)
    if task.assignee == me or me in task.participants:
        return True
    if task.private_to_id is not None:
        return task.private_to_id == agent.id
    if task.account_id is None or agent.admin:
        return True
    chosen = set(
        await uow.connection.scalars(
            select(t.account_agent.c.agent_id).where(
                t.account_agent.c.account_id == task.account_id
            )
        )
    )
    return not chosen or agent.id in chosen


async def the_task(uow: UnitOfWork, agent_id: int, task_id: int, *, lock: bool = False) -> Task:
    """The task behind a number, for an agent who may see it; else NotFound, as if it was not."""
    task = await snapshots.task(uow, task_id, lock=lock)
    agent = (await snapshots.agents(uow, [agent_id]))[agent_id]
    if not await may_see(uow, agent, task):
        raise NotFound(_("there is no task #{id}").format(id=task_id))
    return task


async def living_task(uow: UnitOfWork, agent_id: int, task_id: int, *, lock: bool = True) -> Task:
    """Like :func:`the_task`, and not in the trash."""
    task = await the_task(uow, agent_id, task_id, lock=lock)
    if not task.living:
        raise Refused(_("task #{id} is in the trash; restore it first").format(id=task.id))
    return task
