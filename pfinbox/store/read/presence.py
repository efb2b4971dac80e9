"""Who looks at which task just now, so that two agents do not answer one client."""

from datetime import timedelta

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.store import tables as t
from pfinbox.store.read.visibility import viewer
from pfinbox.store.rows import Person, PresenceRow
from pfinbox.store.uow import UnitOfWork

# A screen renews its row every ten seconds; one that missed two is taken for closed.
FRESH = timedelta(seconds=25)


async def colleagues(uow: UnitOfWork, actor: AgentActor) -> tuple[PresenceRow, ...]:
    """The other agents by task, whoever answers first; several screens of one agent are one.

    Of tasks that this agent may see: where a colleague is besides is no one else's (R46).
    """
    who, root = await viewer(uow, actor), t.task.alias("root")
    rows = await uow.connection.execute(
        select(t.task.c.root_id, t.presence.c.mode, t.agent.c.id, t.agent.c.name, t.agent.c.login)
        .join(t.task, t.task.c.id == t.presence.c.task_id)
        .join(root, root.c.id == t.task.c.root_id)
        .join(t.agent, t.agent.c.id == t.presence.c.agent_id)
        .where(
            t.presence.c.seen_at > uow.now - FRESH,
            t.presence.c.agent_id != actor.id,
            t.agent.c.active,
            who.sees(root),
        )
        .order_by(t.presence.c.mode != "viewing", t.agent.c.name, t.agent.c.id)
    )
    found: dict[tuple[int, int], PresenceRow] = {}
    for row in rows:
        person = Person("agent", row.id, row.name, row.login)
        # An agent who answers counts before one who looks.
        found[row.root_id, row.id] = PresenceRow(row.root_id, person, row.mode != "viewing")
    return tuple(sorted(found.values(), key=lambda one: not one.answering))
