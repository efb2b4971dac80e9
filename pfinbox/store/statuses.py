"""The configured statuses, read from the store (the daemon copied them there)."""

from sqlalchemy import select

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_ALL = select(t.status.c.name, t.status.c.active).order_by(t.status.c.position)


async def all_statuses(uow: UnitOfWork) -> dict[str, bool]:
    """Status names in their order, with whether they are active."""
    rows = await uow.connection.execute(_ALL)
    return {row.name: row.active for row in rows}


async def first_status(uow: UnitOfWork) -> str:
    """The status a new task has: the first active one."""
    return next(name for name, active in (await all_statuses(uow)).items() if active)


async def reopened_status(uow: UnitOfWork) -> str:
    """The status of a task that became active again: ``open``, else the first active one."""
    known = await all_statuses(uow)
    return "open" if known.get("open") else await first_status(uow)


async def finished_status(uow: UnitOfWork) -> str:
    """The status of closing by one key: the first inactive one."""
    known = await all_statuses(uow)
    return next((name for name, active in known.items() if not active), await first_status(uow))
