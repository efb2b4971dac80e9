"""The configured statuses, read from the store (the daemon copied them there)."""

from sqlalchemy import select

from pfinbox.domain.tasks import statuses as rules
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_ALL = select(t.status.c.name, t.status.c.active).order_by(t.status.c.position)


async def all_statuses(uow: UnitOfWork) -> dict[str, bool]:
    """Status names in their order, with whether they are active."""
    rows = await uow.connection.execute(_ALL)
    return {row.name: row.active for row in rows}


async def first_status(uow: UnitOfWork) -> str:
    """The status a new task has."""
    return rules.first(await all_statuses(uow))


async def reopened_status(uow: UnitOfWork) -> str:
    """The status of a task that became active again."""
    return rules.reopened(await all_statuses(uow))


async def finished_status(uow: UnitOfWork) -> str:
    """The status of closing by one key."""
    return rules.finished(await all_statuses(uow))
