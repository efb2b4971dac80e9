"""Agents: who administers, and what waits for one who goes."""

from sqlalchemy import and_, or_, select

from pfinbox.domain.outbound.delivery import State
from pfinbox.domain.people.handover import LeftBehind, LeftDelivery, LeftDraft, LeftTask
from pfinbox.store import tables as t
from pfinbox.store.tables.tasks import OPEN
from pfinbox.store.uow import UnitOfWork


async def administrators(uow: UnitOfWork) -> dict[str, bool]:
    """By login, whether each agent is an active admin.

    Looks at few columns: the store may be of an older schema.
    """
    columns = (t.agent.c.login, t.agent.c.admin, t.agent.c.active)
    rows = await uow.connection.execute(select(*columns))
    return {row.login: bool(row.admin and row.active) for row in rows}


async def drafts(uow: UnitOfWork, agent_id: int) -> list[LeftDraft]:
    """What an agent has begun to write."""
    columns = (t.draft.c.id, t.draft.c.task_id, t.draft.c.mode, t.draft.c.text)
    rows = await uow.connection.execute(select(*columns).where(t.draft.c.agent_id == agent_id))
    return [LeftDraft(*row) for row in rows]


async def left_behind(uow: UnitOfWork, agent_id: int) -> LeftBehind:
    """What waits for an agent who goes: tasks that nobody else has, drafts, scheduled comments."""
    nobody = and_(t.task.c.assignee_agent_id.is_(None), t.task.c.assignee_contact_id.is_(None))
    tasks = await uow.connection.execute(
        select(t.task.c.id, t.task.c.private_to_id, t.task.c.snoozed_until)
        .where(
            OPEN,
            or_(
                t.task.c.assignee_agent_id == agent_id,
                and_(t.task.c.private_to_id == agent_id, nobody),
            ),
        )
        .order_by(t.task.c.id)
    )
    scheduled = await uow.connection.execute(
        select(t.delivery.c.id, t.delivery.c.comment_id, t.task.c.root_id)
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.comment.c.agent_id == agent_id, t.delivery.c.state == State.SCHEDULED)
        .order_by(t.delivery.c.id)
    )
    return LeftBehind(
        tuple(LeftTask(*row) for row in tasks),
        tuple(await drafts(uow, agent_id)),
        tuple(LeftDelivery(*row) for row in scheduled),
    )
