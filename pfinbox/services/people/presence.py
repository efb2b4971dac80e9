"""Telling colleagues what an agent looks at: one row for each running screen."""

from pfinbox.domain.actor import AgentActor
from pfinbox.store.read import visibility
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import agents


async def see(
    uow: UnitOfWork, actor: AgentActor, process: str, task_id: int | None, mode: str
) -> None:
    """Record that this screen shows the task, every ten seconds anew.

    ``mode``: viewing, answering (an answer is begun), replying (it is typed right now, which a
    client may see where the account allows it). A task that has been taken from the agent's sight
    meanwhile is left (R46).
    """
    if task_id is not None:
        who = await visibility.viewer(uow, actor)
        if not await visibility.visible_among(uow, who, [task_id]):
            task_id = None
    await agents.show(uow, actor.id, process, task_id, mode)


async def leave(uow: UnitOfWork, actor: AgentActor, process: str) -> None:
    """This screen of the agent is closed."""
    await agents.leave(uow, actor.id, process)
