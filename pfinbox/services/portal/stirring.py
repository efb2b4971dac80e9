"""In which tasks something happened lately: what open pages look at again."""

from datetime import timedelta

from pfinbox.domain.actor import SystemActor
from pfinbox.store.read.portal import activity
from pfinbox.store.uow import UnitOfWork


async def lately(uow: UnitOfWork, actor: SystemActor, within: timedelta) -> set[int]:
    """The tasks that are living and were active within this time."""
    return await activity.active_since(uow, uow.now - within)
