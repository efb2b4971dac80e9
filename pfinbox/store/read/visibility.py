"""Who may see and use what (R10, R46): the one place that builds these conditions for every read.

The same as ``domain.access``; property tests keep the two together. What hangs on a task (comments,
files, deliveries) is seen with the task.
"""

from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    false,
    or_,
    select,
    true,
)

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.read.ids import IDS
from pfinbox.store.uow import UnitOfWork


@record
class Viewer:
    """The agent who reads.

    ``closed_accounts``: those served by other agents only; ``foreign_accounts``: other agents'
    personal ones.
    """

    agent_id: int
    admin: bool
    # The highest comment id when the agent was added; older ones are not news (R41).
    baseline: int
    closed_accounts: tuple[int, ...]
    foreign_accounts: tuple[int, ...]

    @property
    def unusable(self) -> tuple[int, ...]:
        """The accounts by which this agent may neither write nor be written to."""
        return (*self.closed_accounts, *self.foreign_accounts)

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

    def knows(self, card: Any = t.contact) -> ColumnElement[bool]:
        """The condition on ``card`` (the table or an alias of it), which must be a root.

        Who became known, and writes, only by accounts that are not this agent's is the contact of
        those colleagues (R46), until a task that the agent sees is with that person, or the card
        can be chosen in tasks.
        """
        if not self.unusable:
            return true()
        member, writer, root = t.contact.alias(), t.contact.alias(), t.task.alias()
        origin, part = t.task.alias(), t.participant.alias()
        person = t.contact.alias()
        found_by_us = exists().where(
            member.c.root_id == card.c.id,
            or_(member.c.account_id.is_(None), member.c.account_id.not_in(self.unusable)),
        )
        writes_to_us = exists().where(
            writer.c.root_id == card.c.id,
            t.chat.c.contact_id == writer.c.id,
            t.chat.c.account_id.not_in(self.unusable),
        )
        # An uncorrelated list as well, made only where the conditions before it are false.
        of_visible_tasks = (
            select(person.c.root_id)
            .select_from(
                origin.join(root, root.c.id == origin.c.root_id)
                .outerjoin(part, part.c.task_id == origin.c.id)
                .join(
                    person,
                    or_(
                        person.c.id == origin.c.contact_id,
                        person.c.id == origin.c.assignee_contact_id,
                        person.c.id == part.c.contact_id,
                    ),
                )
            )
            .where(root.c.purged_at.is_(None), self.sees(root))
            .correlate(None)
        )
        return or_(card.c.selectable, found_by_us, writes_to_us, card.c.id.in_(of_visible_tasks))

    def uses(self, account: Any = t.account) -> ColumnElement[bool]:
        """The condition on ``account`` for those by which this agent may write."""
        usable: ColumnElement[bool] = account.c.id.not_in(self.unusable)
        return usable


@cache
def _viewer() -> Select[Any]:
    """The agent, once for each account that is not this agent's to use, or once without one.

    Nobody but its owner uses a personal account, not even an admin.
    """
    me: BindParameter[int] = bindparam("agent_id", type_=t.agent.c.id.type)
    chosen, mine = t.account_agent.alias(), t.account_agent.alias()
    owned = t.account.c.owner_id.is_not_distinct_from(me)
    foreign = and_(t.account.c.role == "personal", ~owned)
    closed = and_(
        ~t.agent.c.admin,
        # Those whose agents are not here yet are nobody else's meanwhile.
        or_(t.account.c.id.in_(select(chosen.c.account_id)), t.account.c.awaits.is_not(None)),
        t.account.c.id.not_in(select(mine.c.account_id).where(mine.c.agent_id == me)),
        ~owned,
    )
    return (
        select(
            t.agent.c.admin,
            t.agent.c.read_baseline,
            t.account.c.id,
            foreign.label("foreign"),
            closed.label("closed"),
        )
        .select_from(t.agent.outerjoin(t.account, or_(foreign, closed)))
        .where(t.agent.c.id == me)
        .order_by(t.account.c.id)
    )


async def viewer(uow: UnitOfWork, actor: AgentActor) -> Viewer:
    """The reading agent; NotFound when there is none of that id."""
    rows = (await uow.connection.execute(_viewer(), {"agent_id": actor.id})).all()
    if not rows:
        raise NotFound(_("there is no agent {id}").format(id=actor.id))
    others = [row for row in rows if row.id is not None]
    closed = tuple(row.id for row in others if row.closed)
    foreign = tuple(row.id for row in others if row.foreign)
    return Viewer(actor.id, rows[0].admin, rows[0].read_baseline, closed, foreign)


async def visible_root(uow: UnitOfWork, who: Viewer, task_id: int) -> int:
    """The root behind a task number; NotFound when it is purged or not the viewer's to see."""
    found = await uow.connection.scalar(_visible(who), {"task_id": task_id})
    if found is None:
        raise NotFound(_("there is no task #{id}").format(id=task_id))
    return int(found)


@lru_cache
def _visible(who: Viewer) -> Select[Any]:
    root = t.task.alias("root")
    return (
        select(root.c.id)
        .join(t.task, t.task.c.root_id == root.c.id)
        .where(t.task.c.id == bindparam("task_id"), root.c.purged_at.is_(None), who.sees(root))
    )


async def usable_accounts(uow: UnitOfWork, who: Viewer, root_id: int | None) -> set[int]:
    """The accounts by which the viewer may write; with a task, that task's accounts, too."""
    allowed = who.uses() if root_id is None else or_(who.uses(), accounts_of(root_id))
    return set(await uow.connection.scalars(select(t.account.c.id).where(allowed)))


def accounts_of(root_id: int) -> ColumnElement[bool]:
    """The condition on ``account`` for those of one task: its own, and those of its chats."""
    inside = select(t.task.c.id).where(t.task.c.root_id == root_id)
    by_chat = (
        select(t.chat.c.account_id)
        .join(t.binding, t.binding.c.chat_id == t.chat.c.id)
        .where(t.binding.c.task_id.in_(inside))
    )
    own = select(t.task.c.account_id).where(
        t.task.c.id == root_id, t.task.c.account_id.is_not(None)
    )
    return or_(t.account.c.id.in_(own), t.account.c.id.in_(by_chat))


async def known_root(uow: UnitOfWork, who: Viewer, contact_id: int) -> int:
    """The card that a number leads to now; NotFound when there is none that the viewer knows."""
    card = t.contact.alias("card")
    found = await uow.connection.scalar(
        select(card.c.id)
        .join(t.contact, t.contact.c.root_id == card.c.id)
        .where(t.contact.c.id == contact_id, who.knows(card))
    )
    if found is None:
        raise NotFound(_("there is no contact {id}").format(id=contact_id))
    return int(found)


async def visible_among(uow: UnitOfWork, who: Viewer, task_ids: Collection[int]) -> set[int]:
    """Those of these task numbers that the viewer may see, or could see before a purge."""
    if not task_ids:
        return set()
    return set(await uow.connection.scalars(_visible_ids(who), {"ids": list(task_ids)}))


# Asked with every page of a list and every conversation.
@lru_cache
def _visible_ids(who: Viewer) -> Select[tuple[int]]:
    root = t.task.alias("root")
    return (
        select(t.task.c.id)
        .join(root, root.c.id == t.task.c.root_id)
        .where(t.task.c.id.in_(IDS), who.sees(root))
    )


async def resolve_task(uow: UnitOfWork, actor: AgentActor, task_id: int) -> int:
    """The number under which a task is read now: a merged one answers to its old number."""
    return await visible_root(uow, await viewer(uow, actor), task_id)


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
    if row.private_to_id is None and row.account_id is None:
        by_account = true()
    elif row.private_to_id is None:
        account = await snapshots.account_access(uow, row.account_id)
        mine = t.agent.c.id.in_({*account.agent_ids, account.owner_id} - {None})
        for_all = not account.agent_ids and not account.awaits
        by_account = true() if for_all else or_(t.agent.c.admin, mine)
    return or_(
        by_account,
        t.agent.c.id == row.private_to_id,
        t.agent.c.id == row.assignee_agent_id,
        t.agent.c.id.in_(shared_with),
    )
