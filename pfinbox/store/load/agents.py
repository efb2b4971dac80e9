"""Agents, where a rule needs less than all of them."""

from sqlalchemy import select

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def administrators(uow: UnitOfWork) -> dict[str, bool]:
    """By login, whether each agent is an active admin.

    Looks at few columns: the store may be of an older schema.
    """
    columns = (t.agent.c.login, t.agent.c.admin, t.agent.c.active)
    rows = await uow.connection.execute(select(*columns))
    return {row.login: bool(row.admin and row.active) for row in rows}
