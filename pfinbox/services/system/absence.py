"""Agents who are away for a while, and agents who leave for good (R44)."""

from dataclasses import replace
from datetime import datetime

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.tasks import HandedOver
from pfinbox.domain.model import Agent
from pfinbox.domain.outbound.delivery import Step
from pfinbox.domain.people import agents as rules
from pfinbox.domain.people import handover
from pfinbox.domain.people.handover import Handover, LeftBehind, LeftTask
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.events import reactions
from pfinbox.services.outbound import delivery_failure
from pfinbox.store import load, snapshots, write
from pfinbox.store.uow import UnitOfWork


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
    known = (await snapshots.agents(uow)).values()
    agent = rules.with_login(known, login)
    await access.must_have(uow, actor, "absence.away", over=agent)
    if until is not None and until <= uow.now:
        raise Refused(_("{when} has passed already").format(when=until.isoformat(" ", "minutes")))
    stand_in = rules.named_deputy(known, agent, deputy)
    deputy_id = stand_in.id if stand_in is not None else None
    await write.agents.change(uow, replace(agent, away_until=until, deputy_id=deputy_id))
    uow.touch("tasks")
    return agent.id


async def preview_deactivate(
    uow: UnitOfWork, actor: AgentActor, login: str, deputy: str | None = None
) -> Handover:
    """What deactivating would hand over, and to whom; nothing is stored."""
    _agent, _left, found = await _foreseen(uow, actor, login, deputy)
    return found


async def _foreseen(
    uow: UnitOfWork, actor: AgentActor, login: str, deputy: str | None
) -> tuple[Agent, LeftBehind, Handover]:
    await access.must_have(uow, actor, "absence.deactivate")
    known = await snapshots.agents(uow)
    agent = rules.with_login(known.values(), login)
    heir = rules.named_deputy(known.values(), agent, deputy) or rules.own_deputy(known, agent)
    left = await load.agents.left_behind(uow, agent.id)
    return agent, left, handover.handover(left, agent, heir, uow.now)


async def deactivate(
    uow: UnitOfWork, actor: AgentActor, login: str, deputy: str | None = None
) -> Handover:
    """The agent leaves: tasks and drafts go to ``deputy``, else the agent's own, else to nobody.

    Scheduled comments are held at once and shown to whoever has the task now: their author can no
    longer answer for them. Old comments keep the name. Returns what was handed over.
    """
    agent, left, done = await _foreseen(uow, actor, login, deputy)
    handover.must_leave_cleanly(agent, done)
    heir_id = done.to.id if done.to is not None else None
    gone = replace(agent, active=False, away_until=None, deputy_id=heir_id, notify_by_mail=False)
    rules.an_admin_stays((await snapshots.agents(uow)).values(), gone)
    await write.agents.change(uow, gone, revoke=True)
    for task in left.tasks:
        await _hand_over(uow, actor, task, agent.id, heir_id)
    # Drafts of an agent without a deputy go to the acting admin: nothing written is lost.
    someone = heir_id or actor.id
    moved, below = handover.joined(left.drafts, await load.agents.drafts(uow, someone))
    await write.agents.hand_drafts_over(uow, someone, moved, below)
    for one in left.scheduled:
        await delivery_failure.arise(uow, Step.WITHHELD, one.id, Reason("author_deactivated"))
        await write.unread.notice(uow, one.root_id, one.comment_id, {someone})
    await write.unread.forget_all(uow, agent.id)
    await write.agents.leave(uow, agent.id)
    uow.touch("tasks", "drafts", "outbox")
    return done


async def _hand_over(
    uow: UnitOfWork, actor: AgentActor, task: LeftTask, agent_id: int, heir_id: int | None
) -> None:
    values: dict[str, object] = {"assignee_agent_id": heir_id}
    if task.private_to_id == agent_id:
        # A private task becomes the new owner's alone: handing over is not sharing (R10, R49).
        values["private_to_id"] = heir_id
    await write.tasks.change(uow, task.id, **values)
    event = HandedOver(to=heir_id, instead_of=agent_id)
    await reactions.follow(uow, task.id, event, actor.id)
