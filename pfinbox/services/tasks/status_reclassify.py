"""A status that becomes active or inactive in the configuration changes its tasks, too (R4, R6).

A status that becomes active opens tasks, and one chat has at most one open task: where it would
have two, the change is refused before anything else happens.
"""

from collections.abc import Mapping

from pfinbox.domain.tasks.reclassifying import taking_back
from pfinbox.services.tasks import bindings
from pfinbox.store import load, locks, snapshots, write
from pfinbox.store.uow import UnitOfWork


async def follow(uow: UnitOfWork, wanted: Mapping[str, bool]) -> None:
    """Make every task as active as its status now is. ConfigError names the tasks to merge."""
    closing = [name for name, active in wanted.items() if not active]
    opening = [name for name, active in wanted.items() if active]
    await locks.chats_of_statuses(uow, opening)
    await write.tasks.close_all(uow, closing)
    opened = await write.tasks.open_all(uow, opening)
    if opened:
        for root in taking_back(opened, await load.tasks.sharing_chats(uow, opened)):
            await bindings.take_chats_back(uow, await snapshots.task(uow, root))
