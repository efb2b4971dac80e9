"""How far an agent has read, on the agent's own word: read and unread again (R35)."""

from collections.abc import Sequence

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.tasks import tasks
from pfinbox.store import load, write
from pfinbox.store.uow import UnitOfWork


async def mark_read(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """This agent has seen all that is in these tasks by now."""
    for task_id in sorted(set(task_ids)):
        task = await access.the_task(uow, actor, task_id)
        last = await load.comments.last(uow, task.id)
        if last is not None:
            await tasks.mark_read(uow, actor, task.id, last)


async def mark_unread(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """These tasks, all or none, look new to this agent again, from the client's last words on.

    Only to this agent: a mark is nobody else's, and the client does not wait longer by it.
    Refused for a task in which nobody has said anything.
    """
    for task_id in sorted(set(task_ids)):
        task = await access.the_task(uow, actor, task_id)
        said = await load.comments.last_of_client(uow, task.id)
        last = said or await load.comments.last(uow, task.id)
        if last is None:
            raise Refused(_("there is nothing to read in task #{id}").format(id=task.id))
        await write.unread.unread_from(uow, actor.id, task.id, last)
        await write.unread.notice(uow, task.id, last, {actor.id})
