"""Searches that an agent keeps: ``search:NAME`` is a view like any other."""

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.rows import SavedSearchRow
from pfinbox.store.uow import UnitOfWork

# How the key of such a view begins.
SEARCH = "search:"


async def saved_searches(uow: UnitOfWork, actor: AgentActor) -> tuple[SavedSearchRow, ...]:
    """This agent's own, by name."""
    rows = await uow.connection.execute(
        select(t.saved_search)
        .where(t.saved_search.c.agent_id == actor.id)
        .order_by(t.saved_search.c.name)
    )
    return tuple(SavedSearchRow(row.name, row.view, row.query) for row in rows)


async def saved_search(uow: UnitOfWork, actor: AgentActor, name: str) -> SavedSearchRow:
    """One saved search; NotFound where this agent keeps none of that name."""
    row = (
        await uow.connection.execute(
            select(t.saved_search).where(
                t.saved_search.c.agent_id == actor.id, t.saved_search.c.name == name
            )
        )
    ).first()
    if row is None:
        raise NotFound(_("there is no search called {name}").format(name=name))
    return SavedSearchRow(row.name, row.view, row.query)
