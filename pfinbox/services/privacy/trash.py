"""Purging tasks in the trash (R34), after a preview of what goes."""

from collections.abc import Sequence

from pfinbox.domain import purging as rules
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events.tasks import Purged
from pfinbox.domain.purging import Gone
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.events import reactions
from pfinbox.store import load, locks, write
from pfinbox.store.load.purged import Comments
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def preview_purge(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> Gone:
    """What purging these tasks would take away; nothing is stored."""
    return await load.purged.gone(uow, await _in_trash(uow, actor, task_ids))


async def purge(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> Gone:
    """Remove the content of these tasks, all or none, with everything merged into them.

    Only tasks in the trash can be purged. Their numbers stay taken; a message that answers them
    opens a new task (R7), and one that was in them is not shown again.
    """
    roots = await _in_trash(uow, actor, task_ids)
    await locks.tasks(uow, roots)
    gone = await load.purged.gone(uow, roots)
    await empty(uow, actor.id, roots)
    await index.scrub(uow)
    return gone


async def _in_trash(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> list[int]:
    roots = []
    for task_id in task_ids:
        task = await access.the_task(uow, actor, task_id)
        if task.deleted_at is None:
            raise Refused(_("task #{id} is not in the trash; delete it first").format(id=task.id))
        roots.append(task.id)
    return sorted(set(roots))


async def empty(uow: UnitOfWork, agent_id: int | None, root_ids: Sequence[int]) -> None:
    """Leave of these roots, and of what is merged into them, nothing but their numbers."""
    comments = load.purged.of_tasks(root_ids)
    await must_be_still(uow, comments)
    await forget(uow, comments)
    links = await load.purged.links(uow, root_ids)
    before = {root_id: rules.before(root_id, links) for root_id in root_ids}
    await write.purged.empty_tasks(uow, list(links), before)
    for root_id in root_ids:
        await reactions.follow(uow, root_id, Purged(), agent_id)


async def must_be_still(uow: UnitOfWork, comments: Comments) -> None:
    """Refused while one of them is on its way: nobody could tell what became of it."""
    if await load.purged.is_moving(uow, comments):
        raise Refused(_("a comment is being sent at this moment; try again in a minute"))


async def forget(uow: UnitOfWork, comments: Comments) -> None:
    """Remove these comments; a keyed hash keeps each from coming back."""
    await write.purged.remember(uow, await load.purged.hashes(uow, comments))
    await write.purged.remove(uow, comments)
