"""Whether the store answers."""

from pfinbox.domain.actor import SystemActor
from pfinbox.store import snapshots
from pfinbox.store.uow import UnitOfWork


async def ready(uow: UnitOfWork, actor: SystemActor) -> None:
    """StoreError where the store cannot be read."""
    await snapshots.setting(uow, "inbox")
