"""Searches that an agent keeps: views of their own, seen by nobody else."""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.query import parse
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.store import read
from pfinbox.store.read.lists.saved import SEARCH
from pfinbox.store.rows import SavedSearchRow
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import agents

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
    known = {held.name for held in await read.saved_searches(uow, actor)}
    if line not in known and len(known) >= MOST:
        raise Refused(_("you keep {n} searches already; remove one first").format(n=MOST))
    await agents.keep_search(uow, actor.id, line, view, query)
    return SEARCH + line


async def remove(uow: UnitOfWork, actor: AgentActor, name: str) -> SavedSearchRow:
    """Forget a search; returns what it was, for the way back."""
    held = await read.saved_search(uow, actor, name)
    await agents.remove_search(uow, actor.id, name)
    return held
