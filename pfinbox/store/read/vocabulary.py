"""The names that an agent may type: tags, agents, accounts and their channels."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, exists, func, select

from pfinbox.domain.actor import AgentActor
from pfinbox.store import tables as t
from pfinbox.store.read.visibility import Viewer, viewer
from pfinbox.store.rows import Vocabulary
from pfinbox.store.uow import UnitOfWork

# Whoever has more tags than this types them to their end.
MOST = 500


async def vocabulary(uow: UnitOfWork, actor: AgentActor) -> Vocabulary:
    """In three statements; a tag costs one look into its index, however many tasks have it."""
    who = await viewer(uow, actor)
    tags = await uow.connection.scalars(_tags(who))
    agents = await uow.connection.scalars(
        select(t.agent.c.login).where(t.agent.c.active).order_by(t.agent.c.login)
    )
    accounts = await uow.connection.execute(
        select(t.account.c.name, t.account.c.channel)
        .where(t.account.c.configured, who.uses())
        .order_by(t.account.c.position, t.account.c.name)
    )
    rows = accounts.all()
    return Vocabulary(
        tags=tuple(tags),
        agents=tuple(agents),
        accounts=tuple(row.name for row in rows),
        channels=tuple(dict.fromkeys(row.channel for row in rows)),
    )


@lru_cache
def _tags(who: Viewer) -> Select[Any]:
    """Each tag's name by the one before it: the index is not read as a whole."""
    names = select(func.min(t.tag.c.name).label("name")).cte("names", recursive=True)
    following = t.tag.alias("following")
    after = select(func.min(following.c.name)).where(following.c.name > names.c.name)
    names = names.union_all(
        select(after.correlate(names).scalar_subquery()).where(names.c.name.is_not(None))
    )
    origin = t.task.alias("origin")
    seen = exists().where(
        t.tag.c.name == names.c.name,
        origin.c.id == t.tag.c.task_id,
        t.task.c.id == origin.c.root_id,
        t.task.c.purged_at.is_(None),
        who.sees(),
    )
    return (
        select(names.c.name)
        .where(names.c.name.is_not(None), seen)
        .order_by(names.c.name)
        .limit(MOST)
    )
