"""Everything about a card as plain JSON values: what a person may ask to be handed (R34)."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.services import access
from pfinbox.store import read, snapshots
from pfinbox.store import tables as t
from pfinbox.store.read import visibility
from pfinbox.store.uow import UnitOfWork


async def export_contact(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> dict[str, Any]:
    """The card, its addresses, notes and chats, and all its conversations that this agent sees.

    Finished, deleted and spam ones are in it, and internal comments, marked as such; files by
    name, size and sha256. Colleagues' private conversations are not (R10).
    """
    root = await access.the_contact(uow, actor, contact_id)
    card = await read.contact(uow, actor, root)
    return {
        "contact": {key: value for key, value in plain(card).items() if key != "tasks"},
        "chats": await _chats(uow, actor, root),
        "tasks": [
            plain(await read.conversation(uow, actor, task_id, limit=None))
            for task_id in await _tasks(uow, actor, root)
        ],
        "exported_at": plain(uow.now),
    }


async def _tasks(uow: UnitOfWork, actor: AgentActor, root: int) -> list[int]:
    """Tasks of which this is the client, or in which they wrote, were written to or take part."""
    cards = select(t.contact.c.id).where(t.contact.c.root_id == root)
    told = select(t.notify.c.comment_id).where(t.notify.c.contact_id.in_(cards))
    said = select(t.comment.c.task_id).where(
        t.comment.c.contact_id.in_(cards) | t.comment.c.id.in_(told)
    )
    parts = select(t.participant.c.task_id).where(t.participant.c.contact_id.in_(cards))
    found = await uow.connection.scalars(
        select(t.task.c.root_id)
        .where(
            t.task.c.contact_id.in_(cards) | t.task.c.id.in_(said) | t.task.c.id.in_(parts),
            t.task.c.purged_at.is_(None),
        )
        .distinct()
        .order_by(t.task.c.root_id)
    )
    agent = (await snapshots.agents(uow, [actor.id]))[actor.id]
    return [
        task_id
        for task_id in list(found)
        if await access.may_see(uow, agent, await snapshots.task(uow, task_id))
    ]


async def _chats(uow: UnitOfWork, actor: AgentActor, root: int) -> list[dict[str, Any]]:
    """Those of tasks that the agent sees, and on the agent's accounts those without a task."""
    who = await visibility.viewer(uow, actor)
    origin, of = t.task.alias(), t.task.alias()
    visible = (
        select(t.binding.c.chat_id)
        .join(origin, origin.c.id == t.binding.c.task_id)
        .join(of, of.c.id == origin.c.root_id)
        .where(of.c.purged_at.is_(None), who.sees(of))
    )
    of_a_task = (
        select(t.binding.c.chat_id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .where(t.task.c.purged_at.is_(None))
    )
    mine = and_(who.uses(), t.chat.c.id.not_in(of_a_task))
    rows = await uow.connection.execute(
        select(
            t.account.c.name.label("account"),
            t.chat.c.key,
            t.chat.c.subject,
            t.chat.c.created_at,
            t.chat.c.last_incoming_at,
        )
        .join(t.account, t.account.c.id == t.chat.c.account_id)
        .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
        .where(t.contact.c.root_id == root, or_(t.chat.c.id.in_(visible), mine))
        .order_by(t.chat.c.id)
    )
    return [{key: plain(value) for key, value in row._mapping.items()} for row in rows]


def plain(value: Any) -> Any:
    """Rows of the read side as JSON values; moments in ISO 8601, UTC."""
    if isinstance(value, Reason):
        return value.as_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
