"""Approved texts that may be sent when a reply window is closed (R25)."""

from collections.abc import Sequence

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.template import Template
from pfinbox.domain.model import Account, Task
from pfinbox.domain.outbound.planning import templates as rules
from pfinbox.domain.outbound.planning.templates import ByTemplate, TemplateChoice
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.store import load
from pfinbox.store.uow import UnitOfWork


@record
class Listed:
    """A template, and the account that has it."""

    account: str
    template: Template


async def listed(
    uow: UnitOfWork, actor: AgentActor, *, task_id: int | None = None, account: str | None = None
) -> tuple[Listed, ...]:
    """The templates of the agent's accounts; with a task those of its chats' accounts alone.

    ``account``: those of this one alone; NotFound where it is not the agent's to use.
    """
    if task_id is not None:
        task = await access.the_task(uow, actor, task_id)
        here = {chat.account_id for chat in task.chats}
        accounts = [one for one in await _having(uow, actor, task) if one.id in here]
    elif account is not None:
        accounts = [await access.the_account(uow, actor, account)]
    else:
        accounts = list((await access.accounts(uow, actor)).values())
    known = await load.templates.of_accounts(uow, [one.id for one in accounts])
    return tuple(
        Listed(one.name, template) for one in accounts for template in known.get(one.id, ())
    )


async def chosen(
    uow: UnitOfWork,
    actor: AgentActor,
    task: Task,
    choice: TemplateChoice | None,
    files: Sequence[File] | None = None,
) -> ByTemplate | None:
    """The template that an agent means in this task; the accounts of its chats come first."""
    if choice is None:
        return None
    accounts = await _having(uow, actor, task)
    known = await load.templates.of_accounts(uow, [one.id for one in accounts])
    having = {one.id: known[one.id] for one in accounts if one.id in known}
    media_types = [file.media_type for file in files] if files is not None else None
    return rules.chosen(choice, having, media_types)


async def _having(uow: UnitOfWork, actor: AgentActor, task: Task) -> list[Account]:
    usable = (await access.accounts(uow, actor, task.id)).values()
    here = {chat.account_id for chat in task.chats}
    having = [one for one in usable if one.configured and one.can(Capability.TEMPLATES)]
    return sorted(having, key=lambda one: (one.id not in here, one.id))
