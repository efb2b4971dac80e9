"""Agents who are away for a while, and agents who leave for good (R44)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, or_, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events import HandedOver
from pfinbox.domain.model import Agent
from pfinbox.domain.outbound.delivery import Event, State
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services.outbound import delivery_failure
from pfinbox.services.people import agents
from pfinbox.services.tasks import awaiting_reply
from pfinbox.store import journal, snapshots, write
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Handover:
    """What an agent leaves behind, as numbers; ``to`` gets it, None: it becomes unassigned."""

    to: Agent | None
    open: int
    snoozed: int
    drafts: int
    # Scheduled comments; they will be held for a person to look at.
    scheduled: int
    # Conversations of a personal account that nobody else sees; they need a ``to``.
    private: int


async def away(
    uow: UnitOfWork,
    actor: AgentActor,
    login: str,
    until: datetime | None,
    deputy: str | None = None,
) -> int:
    """An agent, or an admin for one, says until when (None: here again) and who stands in.

    Returns the agent's id. Without ``deputy`` clients' messages go among the unassigned.
    """
    agent = await agents.by_login(uow, login)
    if agent.id != actor.id:
        await agents.must_be_admin(uow, actor)
    if until is not None and until <= uow.now:
        raise Refused(_("{when} has passed already").format(when=until.isoformat(" ", "minutes")))
    stand_in = await _heir(uow, agent, deputy)
    await uow.connection.execute(
        update(t.agent)
        .where(t.agent.c.id == agent.id)
        .values(away_until=until, deputy_id=stand_in.id if stand_in is not None else None)
    )
    uow.touch("accounts", "tasks")
    return agent.id


async def preview_deactivate(
    uow: UnitOfWork, actor: AgentActor, login: str, deputy: str | None = None
) -> Handover:
    """What deactivating would hand over, and to whom; nothing is stored."""
    await agents.must_be_admin(uow, actor)
    agent = await agents.by_login(uow, login)
    heir = await _heir(uow, agent, deputy) or await _own_deputy(uow, agent)
    tasks = await _tasks(uow, agent.id)
    asleep = [row for row in tasks if row.snoozed_until is not None and row.snoozed_until > uow.now]
    drafts = select(t.draft.c.id).where(t.draft.c.agent_id == agent.id)
    return Handover(
        to=heir,
        open=len(tasks) - len(asleep),
        snoozed=len(asleep),
        drafts=len(list(await uow.connection.scalars(drafts))),
        scheduled=len({row.comment_id for row in await _scheduled(uow, agent.id)}),
        private=sum(1 for row in tasks if row.private_to_id == agent.id),
    )


async def deactivate(
    uow: UnitOfWork, actor: AgentActor, login: str, deputy: str | None = None
) -> Handover:
    """The agent leaves: tasks and drafts go to ``deputy``, else the agent's own, else to nobody.

    Scheduled comments are held at once and shown to whoever has the task now: their author can no
    longer answer for them. Old comments keep the name. Returns what was handed over.
    """
    done = await preview_deactivate(uow, actor, login, deputy)
    agent = await agents.by_login(uow, login)
    if not agent.active:
        raise Refused(_("agent {login} is deactivated already").format(login=login))
    if done.private and done.to is None:
        raise Refused(
            _(
                "{n} conversations of a personal account are seen by {login} only; "
                "name a deputy to take them over"
            ).format(n=done.private, login=login)
        )
    await agents.set_(uow, actor, login, active=False)
    heir_id = done.to.id if done.to is not None else None
    await uow.connection.execute(
        update(t.agent)
        .where(t.agent.c.id == agent.id)
        .values(away_until=None, deputy_id=heir_id, notify_by_mail=False)
    )
    for row in await _tasks(uow, agent.id):
        await _hand_over(uow, actor, row, agent.id, heir_id)
    # Drafts of an agent without a deputy go to the acting admin: nothing written is lost.
    await _hand_drafts_over(uow, agent.id, heir_id or actor.id)
    for delivery in await _scheduled(uow, agent.id):
        await delivery_failure.arise(uow, Event.WITHHELD, delivery.id, Reason("author_deactivated"))
        await write.unread.notice(
            uow, await _root(uow, delivery.task_id), delivery.comment_id, {heir_id or actor.id}
        )
    await uow.connection.execute(delete(t.notice).where(t.notice.c.agent_id == agent.id))
    await uow.connection.execute(delete(t.presence).where(t.presence.c.agent_id == agent.id))
    uow.touch("accounts", "tasks", "drafts", "outbox", "presence")
    return done


async def _heir(uow: UnitOfWork, agent: Agent, login: str | None) -> Agent | None:
    if login is None:
        return None
    heir = await agents.by_login(uow, login)
    if heir.id == agent.id:
        raise Refused(_("nobody stands in for themselves; name somebody else"))
    if not heir.active:
        raise Refused(_("{name} is deactivated").format(name=heir.name))
    return heir


async def _own_deputy(uow: UnitOfWork, agent: Agent) -> Agent | None:
    known = await snapshots.agents(uow, [agent.deputy_id] if agent.deputy_id else [])
    return next((one for one in known.values() if one.active and one.id != agent.id), None)


async def _tasks(uow: UnitOfWork, agent_id: int) -> list[Row[Any]]:
    """Open and snoozed tasks that nobody has when this agent goes."""
    nobody = and_(t.task.c.assignee_agent_id.is_(None), t.task.c.assignee_contact_id.is_(None))
    return list(
        await uow.connection.execute(
            select(t.task)
            .where(
                t.task.c.merged_into_id.is_(None),
                t.task.c.active,
                t.task.c.deleted_at.is_(None),
                t.task.c.purged_at.is_(None),
                or_(
                    t.task.c.assignee_agent_id == agent_id,
                    and_(t.task.c.private_to_id == agent_id, nobody),
                ),
            )
            .order_by(t.task.c.id)
        )
    )


async def _hand_over(
    uow: UnitOfWork, actor: AgentActor, row: Row[Any], agent_id: int, heir_id: int | None
) -> None:
    values = {"assignee_agent_id": heir_id}
    if row.private_to_id == agent_id:
        # A private task becomes the new owner's alone: handing over is not sharing (R10, R49).
        values["private_to_id"] = heir_id
    await uow.connection.execute(update(t.task).where(t.task.c.id == row.id).values(**values))
    await journal.record(uow, row.id, HandedOver(to=heir_id, instead_of=agent_id), actor.id)
    waiting = {one.id for one in await awaiting_reply.waiting(uow, row.id)}
    if heir_id is None:
        # To answer, and new for everybody.
        await awaiting_reply.refresh(uow, row.id, notable=waiting)
        return
    for comment_id in sorted(waiting):
        await write.unread.notice(uow, row.id, comment_id, {heir_id})


async def _hand_drafts_over(uow: UnitOfWork, agent_id: int, heir_id: int) -> None:
    mine = (
        await uow.connection.execute(select(t.draft).where(t.draft.c.agent_id == agent_id))
    ).all()
    for row in mine:
        same = (
            await uow.connection.execute(
                select(t.draft.c.id, t.draft.c.text).where(
                    t.draft.c.agent_id == heir_id,
                    t.draft.c.task_id == row.task_id,
                    t.draft.c.mode == row.mode,
                )
            )
        ).first()
        if same is None:
            await uow.connection.execute(
                update(t.draft).where(t.draft.c.id == row.id).values(agent_id=heir_id)
            )
            continue
        # An agent has one draft a task: the new owner's own draft comes first.
        await uow.connection.execute(
            update(t.draft)
            .where(t.draft.c.id == same.id)
            .values(text=f"{same.text}\n\n{row.text}", updated_at=uow.now)
        )
        await uow.connection.execute(delete(t.draft).where(t.draft.c.id == row.id))


async def _scheduled(uow: UnitOfWork, agent_id: int) -> list[Row[Any]]:
    return list(
        await uow.connection.execute(
            select(t.delivery.c.id, t.delivery.c.comment_id, t.comment.c.task_id)
            .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
            .where(t.comment.c.agent_id == agent_id, t.delivery.c.state == State.SCHEDULED)
            .order_by(t.delivery.c.id)
        )
    )


async def _root(uow: UnitOfWork, task_id: int) -> int:
    root: int = (
        await uow.connection.execute(select(t.task.c.root_id).where(t.task.c.id == task_id))
    ).scalar_one()
    return root
