"""Who is at which task just now: colleagues, so that no two answer, and whoever is writing."""

from datetime import timedelta

from sqlalchemy import or_, select

from pfinbox.domain.actor import AgentActor
from pfinbox.store import tables as t
from pfinbox.store.read.visibility import Viewer, viewer
from pfinbox.store.rows import Person, PresenceRow
from pfinbox.store.uow import UnitOfWork

# A screen renews its row every ten seconds; one that missed two is taken for closed.
FRESH = timedelta(seconds=25)
# A window says every few seconds that somebody is writing in it.
WRITES = timedelta(seconds=8)


async def colleagues(uow: UnitOfWork, actor: AgentActor) -> tuple[PresenceRow, ...]:
    """The other agents by task, whoever answers first; several screens of one agent are one.

    A client who is writing comes before them. Of tasks that this agent may see: where a colleague
    is besides is no one else's (R46).
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
    agents = sorted(found.values(), key=lambda one: not one.answering)
    return (*await _writing(uow, who), *agents)


async def _writing(uow: UnitOfWork, who: Viewer) -> list[PresenceRow]:
    """The clients who are writing now, by the task that takes what they write."""
    root, card = t.task.alias("root"), t.contact.alias("card")
    rows = await uow.connection.execute(
        select(root.c.id.label("root_id"), card.c.id, card.c.name)
        .select_from(t.chat)
        .join(t.binding, t.binding.c.chat_id == t.chat.c.id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .join(root, root.c.id == t.task.c.root_id)
        .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
        .join(card, card.c.id == t.contact.c.root_id)
        .where(t.chat.c.writing_at > uow.now - WRITES, t.binding.c.current, who.sees(root))
        .order_by(t.chat.c.writing_at.desc())
    )
    return [PresenceRow(row.root_id, Person("contact", row.id, row.name), True) for row in rows]


async def anybody_at(uow: UnitOfWork, account: str) -> bool:
    """Whether an agent who may use the account has a screen open."""
    chosen = select(t.account_agent.c.agent_id).where(
        t.account_agent.c.account_id == t.account.c.id
    )
    query = (
        select(t.presence.c.id)
        .join(t.agent, t.agent.c.id == t.presence.c.agent_id)
        .join(t.account, t.account.c.name == account)
        .where(
            t.presence.c.seen_at > uow.now - FRESH,
            t.agent.c.active,
            or_(~chosen.exists(), t.agent.c.id.in_(chosen)),
            or_(t.account.c.role != "personal", t.account.c.owner_id == t.agent.c.id),
        )
        .limit(1)
    )
    return await uow.connection.scalar(query) is not None
