"""Ending the wait of what follows by e-mail unless it is seen."""

from collections.abc import Collection

from sqlalchemy import update

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_WAITS = t.delivery.c.later_address.is_not(None)


async def take(uow: UnitOfWork, delivery_ids: Collection[int]) -> set[int]:
    """These wait no longer; returns those that did until now, so that each follows once."""
    taken = await uow.connection.scalars(
        update(t.delivery)
        .where(t.delivery.c.id.in_(delivery_ids), _WAITS)
        .values(later_address=None)
        .returning(t.delivery.c.id)
    )
    uow.touch("outbox", "tasks")
    return set(taken)


async def end_all(uow: UnitOfWork) -> None:
    """Nothing follows: what a restored database waits for may have gone long ago."""
    await uow.connection.execute(update(t.delivery).where(_WAITS).values(later_address=None))
