"""In which tasks something happens: what open pages look at again."""

from datetime import timedelta

from pfinbox.domain.actor import SystemActor
from pfinbox.store.load.outbound import typing
from pfinbox.store.read.portal import activity
from pfinbox.store.uow import UnitOfWork


async def lately(uow: UnitOfWork, actor: SystemActor, within: timedelta) -> set[int]:
    """The tasks that are living and were active within this time."""
    return await activity.active_since(uow, uow.now - within)


async def written_to(uow: UnitOfWork, actor: SystemActor) -> set[int]:
    """The tasks in which an agent is writing to a client now."""
    return await typing.tasks(uow)
