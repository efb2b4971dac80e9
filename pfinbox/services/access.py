"""What an agent may name and use (R10, R46); everything else is "not found".

``domain.access`` has the rules, and ``store.read.visibility`` says the same for reads. What hangs
on a task (comments, files, deliveries) goes with it.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from pfinbox.domain import access as rules
from pfinbox.domain import naming, rights
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Agent, Contact, Task
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan, People
from pfinbox.errors import NotFound, Refused
from pfinbox.i18n import _
from pfinbox.store import snapshots
from pfinbox.store.load import comments
from pfinbox.store.read import visibility
from pfinbox.store.uow import UnitOfWork


async def must_have(
    uow: UnitOfWork, actor: AgentActor, use_case: str, *, over: Agent | None = None
) -> None:
    """Refused unless the agent may call the use case; ``over``: the agent whom it is about."""
    rights.must_have((await snapshots.agents(uow, [actor.id]))[actor.id], use_case, over=over)


async def may_see(uow: UnitOfWork, agent: Agent, task: Task) -> bool:
    """Whether ``agent`` may see ``task``."""
    return bool(await those_who_see(uow, [agent], task))


async def those_who_see(uow: UnitOfWork, agents: Collection[Agent], task: Task) -> list[Agent]:
    """Those of ``agents`` who may see ``task``."""
    account = None
    if agents and task.account_id is not None:
        account = await snapshots.account_access(uow, task.account_id)
    return [agent for agent in agents if rules.may_see(agent, task, account)]


async def the_task(uow: UnitOfWork, actor: AgentActor, task_id: int, *, lock: bool = False) -> Task:
    """The task behind a number, NotFound where the agent may not see it."""
    task = await snapshots.task(uow, task_id, lock=lock)
    agent = (await snapshots.agents(uow, [actor.id]))[actor.id]
    if not await may_see(uow, agent, task):
        raise NotFound(_("there is no task #{id}").format(id=task_id))
    return task


async def living_task(
    uow: UnitOfWork, actor: AgentActor, task_id: int, *, lock: bool = True
) -> Task:
    """Like :func:`the_task`, and not in the trash."""
    return must_live(await the_task(uow, actor, task_id, lock=lock))


async def task_of_comment(
    uow: UnitOfWork, actor: AgentActor, comment_id: int, *, lock: bool = False
) -> Task:
    """The task in which a comment stands; NotFound speaks of the comment, never of its task."""
    task_id = await comments.task_of(uow, comment_id=comment_id)
    missing = _("there is no comment {id}").format(id=comment_id)
    return await _or_missing(uow, actor, task_id, missing, lock=lock)


async def task_of_delivery(
    uow: UnitOfWork, actor: AgentActor, delivery_id: int, *, lock: bool = False
) -> Task:
    """The task whose comment a delivery carries; NotFound speaks of the delivery."""
    task_id = await comments.task_of(uow, delivery_id=delivery_id)
    missing = _("there is no delivery {id}").format(id=delivery_id)
    return await _or_missing(uow, actor, task_id, missing, lock=lock)


async def _or_missing(
    uow: UnitOfWork, actor: AgentActor, task_id: int | None, missing: str, *, lock: bool
) -> Task:
    if task_id is None:
        raise NotFound(missing)
    try:
        return await the_task(uow, actor, task_id, lock=lock)
    except NotFound:
        # The number alone would give the hidden task away.
        raise NotFound(missing) from None


def must_live(task: Task) -> Task:
    """The task, unless it is in the trash."""
    if not task.living:
        raise Refused(_("task #{id} is in the trash; restore it first").format(id=task.id))
    return task


async def the_contact(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> int:
    """The root card behind a number, for an agent who may know that person; else NotFound."""
    who = await visibility.viewer(uow, actor)
    return await visibility.known_root(uow, who, contact_id)


async def knows(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> bool:
    """Whether an agent may know of this card."""
    try:
        await the_contact(uow, actor, contact_id)
    except NotFound:
        return False
    return True


async def accounts(
    uow: UnitOfWork, actor: AgentActor, task_id: int | None = None
) -> dict[int, Account]:
    """The accounts by which an agent may write; in a task that the agent sees, that task's too."""
    who = await visibility.viewer(uow, actor)
    ids = await visibility.usable_accounts(uow, who, task_id)
    return {i: one for i, one in (await snapshots.accounts(uow)).items() if i in ids}


async def the_account(
    uow: UnitOfWork, actor: AgentActor, name: str, *, task_id: int | None = None
) -> Account:
    """A configured account that the agent may use; NotFound names those that there are."""
    known = [one for one in (await accounts(uow, actor, task_id)).values() if one.configured]
    for account in known:
        if account.name == name:
            return account
    names = ", ".join(account.name for account in known) or _("none")
    raise NotFound(_("there is no account {name}; known: {names}").format(name=name, names=names))


async def the_way(uow: UnitOfWork, actor: AgentActor, task: Task, via: str | None) -> None:
    """NotFound when ``via`` names an account (R16) that is not the agent's to use in this task."""
    if via is not None and via not in ("own", "last", "all"):
        await the_account(uow, actor, via, task_id=task.id)


async def within(uow: UnitOfWork, actor: AgentActor, task: Task, people: People) -> People:
    """What a plan may use: the agent's accounts and the task's own, and the chats on these."""
    usable = await accounts(uow, actor, task.id)
    kept = {
        i: one
        for i, one in people.accounts.items()
        # What the company writes by when there is nothing else.
        if i in usable or i == people.mail_account_id
    }
    return replace(people, accounts=kept, contacts=_with_chats_on(people.contacts, kept))


def _with_chats_on(
    contacts: Mapping[int, Contact], accounts: Mapping[int, Account]
) -> dict[int, Contact]:
    return {
        i: replace(one, chats=tuple(chat for chat in one.chats if chat.account_id in accounts))
        for i, one in contacts.items()
    }


async def goes_on(
    uow: UnitOfWork, agent_id: int | None, other_id: int, words: str, **values: object
) -> Refused:
    """The refusal that sends the agent to the chat's other task, if the agent may see that one.

    ``words`` name it as ``{other}``. Without an agent it is said to whoever runs the program.
    """
    if agent_id is not None:
        who = await visibility.viewer(uow, AgentActor(agent_id))
        if not await visibility.visible_among(uow, who, [other_id]):
            return Refused(_("its chat goes on in a task that you may not see"))
    return Refused(words.format(other=other_id, **values))


async def without_hidden_tasks(uow: UnitOfWork, actor: AgentActor, reason: Reason) -> Reason:
    """The reason, without the number of a task that the agent may not see."""
    named = naming.tasks_of_reason(reason)
    if named:
        who = await visibility.viewer(uow, actor)
        if named - await visibility.visible_among(uow, who, named):
            return naming.without_tasks(reason)
    return reason


async def plan_for(uow: UnitOfWork, actor: AgentActor, plan: DeliveryPlan) -> DeliveryPlan:
    """The plan, its errors without numbers that the agent may not see."""
    rows = [
        replace(row, error=await without_hidden_tasks(uow, actor, row.error))
        if row.error is not None
        else row
        for row in plan.rows
    ]
    return replace(plan, rows=tuple(rows))
