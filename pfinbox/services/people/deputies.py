"""Who gets a client's message instead of an agent who is away or gone (R44)."""

from sqlalchemy import func, select

from pfinbox.domain.events import PutBefore
from pfinbox.domain.inbound.lifecycle import Before, put_before
from pfinbox.domain.model import Task
from pfinbox.services import access
from pfinbox.store import journal, snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def before(uow: UnitOfWork, assignee_id: int | None) -> Before:
    """The assignee, else the deputy, else nobody in particular."""
    if assignee_id is None:
        return Before(None)
    agents = await snapshots.agents(uow)
    assignee = agents.get(assignee_id)
    deputy = agents.get(assignee.deputy_id) if assignee and assignee.deputy_id else None
    return put_before(assignee, deputy, uow.now)


async def before_in(uow: UnitOfWork, task: Task, assignee_id: int | None) -> Before:
    """The same for a task that is open already: a deputy who may not see it is none.

    A task that only its assignee may see stays assigned: nobody else would see it (R10).
    """
    found = await before(uow, assignee_id)
    if found.instead_of is None:
        return found
    deputy = (await snapshots.agents(uow, [found.assignee_id])) if found.assignee_id else {}
    if await access.those_who_see(uow, deputy.values(), task):
        return found
    if task.private_to_id == found.instead_of:
        return Before(found.instead_of)
    return Before(None, instead_of=found.instead_of)


async def say_so(uow: UnitOfWork, task: Task, stand_in: Before) -> None:
    """Record in the task who gets its messages now, once in an absence.

    An absence ends with the assignee's next comment in the task. Each time that the task loses its
    assignee is recorded: between two of them the task was given back.
    """
    event = PutBefore(stand_in.assignee_id, stand_in.instead_of)
    if stand_in.assignee_id is None:
        await journal.record(uow, task.id, event)
        return
    members = select(t.task.c.id).where(t.task.c.root_id == task.id)
    since = await uow.connection.scalar(
        select(func.max(t.comment.c.created_at)).where(
            t.comment.c.task_id.in_(members), t.comment.c.agent_id == stand_in.instead_of
        )
    )
    last = (
        await uow.connection.execute(
            select(t.activity.c.args, t.activity.c.at)
            .where(t.activity.c.task_id.in_(members), t.activity.c.kind == PutBefore.activity)
            .order_by(t.activity.c.id.desc())
            .limit(1)
        )
    ).first()
    if last is None or last.args != event.args() or (since is not None and since > last.at):
        await journal.record(uow, task.id, event)
