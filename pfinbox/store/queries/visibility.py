"""Who sees which task (R10): the one place that builds this condition for every read."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Viewer:
    """The agent who reads. ``closed_accounts``: those served by other agents only."""

    agent_id: int
    admin: bool
    # The highest comment id when the agent was added; older ones are not news (R41).
    baseline: int
    closed_accounts: tuple[int, ...]

    def sees(self, task: Any = t.task) -> ColumnElement[bool]:
        """The condition on ``task`` (the table or an alias of it), which must be a root."""
        part = t.participant.join(t.task, t.task.c.id == t.participant.c.task_id)
        shared_with_me = (
            select(t.task.c.root_id)
            .select_from(part)
            .where(t.participant.c.agent_id == self.agent_id)
            # An uncorrelated list: computed once, however many tasks are looked at.
            .correlate(None)
        )
        everybody = task.c.private_to_id.is_(None)
        if self.closed_accounts:
            mine = task.c.account_id.not_in(self.closed_accounts)
            everybody = and_(everybody, or_(task.c.account_id.is_(None), mine))
        return or_(
            everybody,
            task.c.private_to_id == self.agent_id,
            task.c.assignee_agent_id == self.agent_id,
            task.c.id.in_(shared_with_me),
        )


async def viewer(uow: UnitOfWork, agent_id: int) -> Viewer:
    """The reading agent; NotFound when there is none of that id."""
    row = (
        await uow.connection.execute(
            select(t.agent.c.admin, t.agent.c.read_baseline).where(t.agent.c.id == agent_id)
        )
    ).first()
    if row is None:
        raise NotFound(_("there is no agent {id}").format(id=agent_id))
    closed: tuple[int, ...] = ()
    if not row.admin:
        chosen = t.account_agent.alias()
        mine = select(chosen.c.account_id).where(chosen.c.agent_id == agent_id)
        closed = tuple(
            await uow.connection.scalars(
                select(t.account_agent.c.account_id)
                .where(t.account_agent.c.account_id.not_in(mine))
                .distinct()
                .order_by(t.account_agent.c.account_id)
            )
        )
    return Viewer(agent_id, row.admin, row.read_baseline, closed)


async def visible_root(uow: UnitOfWork, who: Viewer, task_id: int) -> int:
    """The root behind a task number; NotFound when it is purged or not the viewer's to see."""
    root = t.task.alias("root")
    found = await uow.connection.scalar(
        select(root.c.id)
        .join(t.task, t.task.c.root_id == root.c.id)
        .where(t.task.c.id == task_id, root.c.purged_at.is_(None), who.sees(root))
    )
    if found is None:
        raise NotFound(_("there is no task #{id}").format(id=task_id))
    return int(found)


async def resolve_task(uow: UnitOfWork, agent_id: int, task_id: int) -> int:
    """The number under which a task is read now: a merged one answers to its old number."""
    return await visible_root(uow, await viewer(uow, agent_id), task_id)


async def colleagues(uow: UnitOfWork, root_id: int) -> ColumnElement[bool]:
    """The condition on ``agent`` for all who see one task: the same rule from the other side."""
    row = (
        await uow.connection.execute(
            select(t.task.c.private_to_id, t.task.c.account_id, t.task.c.assignee_agent_id).where(
                t.task.c.id == root_id
            )
        )
    ).one()
    shared_with = (
        select(t.participant.c.agent_id)
        .join(t.task, t.task.c.id == t.participant.c.task_id)
        .where(t.task.c.root_id == root_id, t.participant.c.agent_id.is_not(None))
    )
    by_account: ColumnElement[bool] = false()
    if row.private_to_id is None:
        chosen = select(t.account_agent.c.agent_id).where(
            t.account_agent.c.account_id == row.account_id
        )
        by_account = or_(t.agent.c.admin, ~chosen.exists(), t.agent.c.id.in_(chosen))
    return or_(
        by_account,
        t.agent.c.id == row.private_to_id,
        t.agent.c.id == row.assignee_agent_id,
        t.agent.c.id.in_(shared_with),
    )
