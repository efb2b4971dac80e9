"""How far an agent has read, on the agent's own word: read and unread again (R35)."""

from collections.abc import Sequence

from sqlalchemy import func, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.tasks import tasks, unread
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def mark_read(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """This agent has seen all that is in these tasks by now."""
    for task_id in sorted(set(task_ids)):
        task = await access.the_task(uow, actor, task_id)
        last = await _last(uow, task.id)
        if last is not None:
            await tasks.mark_read(uow, actor, task.id, last)


async def mark_unread(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """These tasks, all or none, look new to this agent again, from the client's last words on.

    Only to this agent: a mark is nobody else's, and the client does not wait longer by it.
    Refused for a task in which nobody has said anything.
    """
    for task_id in sorted(set(task_ids)):
        task = await access.the_task(uow, actor, task_id)
        last = await _last_of_client(uow, task.id) or await _last(uow, task.id)
        if last is None:
            raise Refused(_("there is nothing to read in task #{id}").format(id=task.id))
        await uow.connection.execute(
            update(t.read_mark)
            .where(
                t.read_mark.c.agent_id == actor.id,
                t.read_mark.c.task_id == task.id,
                t.read_mark.c.comment_id >= last,
            )
            .values(comment_id=last - 1)
        )
        await unread.notice(uow, task.id, last, {actor.id})
    uow.touch("tasks")


async def _last(uow: UnitOfWork, root_id: int) -> int | None:
    """The newest comment of the task and of those merged into it; None where there is none."""
    last: int | None = await uow.connection.scalar(
        select(func.max(t.comment.c.id))
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.task.c.root_id == root_id)
    )
    return last


async def _last_of_client(uow: UnitOfWork, root_id: int) -> int | None:
    """What a client said last; what was imported has been stored newest first."""
    last: int | None = await uow.connection.scalar(
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.task.c.root_id == root_id, t.comment.c.direction == "incoming")
        .order_by(t.comment.c.imported, t.comment.c.created_at.desc(), t.comment.c.id.desc())
        .limit(1)
    )
    return last
