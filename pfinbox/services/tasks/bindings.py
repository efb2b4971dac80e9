"""Which task takes a chat's messages, changed by hand: never two open tasks for one chat (R4)."""

from pfinbox.domain.merging.tree import Change
from pfinbox.domain.model import Task
from pfinbox.domain.tasks.taking import Taking, aside_chats, taking
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.store import load, locks, write
from pfinbox.store.uow import UnitOfWork


async def take_chats_back(uow: UnitOfWork, task: Task, agent_id: int | None = None) -> list[Change]:
    """Make ``task``, about to be open, take its chats' messages again; ``agent_id``: who does it.

    Refused when one of them is current on another open task: the two are to be merged, or, as what
    is in the trash cannot be, that one is to be finished first.
    """
    found = await _taking(uow, task)
    if found.rival_id is not None:
        words = (
            _("its chat goes on in task #{other}; merge the two instead")
            if task.living
            # A task in the trash cannot be merged.
            else _("its chat goes on in task #{other}; finish that one first")
        )
        raise await access.goes_on(uow, agent_id, found.rival_id, words)
    return await write.chats.take(uow, task.id, found.chat_ids)


async def took_chats_back(uow: UnitOfWork, task: Task) -> bool:
    """The same by the program; False, and nothing is changed, where it would be refused."""
    found = await _taking(uow, task)
    if found.rival_id is None:
        await write.chats.take(uow, task.id, found.chat_ids)
    return found.rival_id is None


async def _taking(uow: UnitOfWork, task: Task) -> Taking:
    chats = aside_chats(task)
    await locks.chats(uow, list(chats))
    return taking(task.id, chats, await load.chats.open_tasks(uow, list(chats)))
