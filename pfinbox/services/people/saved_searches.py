"""Searches that an agent keeps: views of their own, seen by nobody else."""

from sqlalchemy import delete, func, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.query import parse
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.read.searches import SEARCH
from pfinbox.store.rows import SavedSearchRow
from pfinbox.store.uow import UnitOfWork

LONGEST_NAME = 80
# Every saved search is counted again after each change.
MOST = 30


async def save(uow: UnitOfWork, actor: AgentActor, name: str, view: str, query: str) -> str:
    """Keep a search in ``view`` under a name, in place of one of that name; its view's key."""
    line = clean_line(name, LONGEST_NAME)
    if not line:
        raise UsageError(_("a search needs a name"))
    if view.startswith(SEARCH):
        # The agent searched further within a saved search.
        held = await read.saved_search(uow, actor, view.removeprefix(SEARCH))
        view, query = held.view, f"{held.query} {query}"
    query = clean_line(query, 1000)
    if not parse(query):
        raise UsageError(_("there is no search to keep; type one first"))
    mine = t.saved_search.c.agent_id == actor.id
    values = {"view": view, "query": query}
    done = await uow.connection.execute(
        update(t.saved_search).where(mine, t.saved_search.c.name == line).values(**values)
    )
    if not done.rowcount:
        count = await uow.connection.scalar(
            select(func.count()).select_from(t.saved_search).where(mine)
        )
        if (count or 0) >= MOST:
            raise Refused(_("you keep {n} searches already; remove one first").format(n=MOST))
        await uow.add(t.saved_search, agent_id=actor.id, name=line, **values)
    uow.touch("tasks")
    return SEARCH + line


async def remove(uow: UnitOfWork, actor: AgentActor, name: str) -> SavedSearchRow:
    """Forget a search; returns what it was, for the way back."""
    held = await read.saved_search(uow, actor, name)
    await uow.connection.execute(
        delete(t.saved_search).where(
            t.saved_search.c.agent_id == actor.id, t.saved_search.c.name == name
        )
    )
    uow.touch("tasks")
    return held
