"""Notices by e-mail to agents (R22): deliveries to colleagues, never to a contact.

They go through the same outbox as everything else, beside the comment they tell of: a state, tries
and a visible failure of their own, but nothing that the client or the task's standing depends on.
"""

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.comments import AnswerRefused, CommentWritten
from pfinbox.domain.model import Account, Agent
from pfinbox.domain.notices import notices as rules
from pfinbox.domain.notices.notices import NEWS, TOLD, TOLD_AN_HOUR
from pfinbox.domain.outbound.delivery import Step
from pfinbox.errors import NotFound
from pfinbox.services import access
from pfinbox.store import load, snapshots, write
from pfinbox.store.load.outbound.notices import Due
from pfinbox.store.uow import UnitOfWork


async def queue_news(
    uow: UnitOfWork, task_id: int, written: CommentWritten, author_id: int | None
) -> None:
    """A mail about a comment to those notified who want mail and may see the task (R10).

    It leaves with the comment itself, which can be taken back until then.
    """
    told = (await snapshots.agents(uow, written.agents)).values() if written.agents else ()
    wanting = [agent for agent in told if rules.wants_mail(agent) and agent.id != author_id]
    if not wanting:
        return
    task = await snapshots.task(uow, task_id)
    account = await sending_account(uow, task.account_id)
    if account is None:
        return
    for agent in await access.those_who_see(uow, wanting, task):
        await write.notices.queue(uow, account.id, agent, written.comment, NEWS, written.due_at)


async def tell(uow: UnitOfWork, task_id: int, refused: AnswerRefused) -> None:
    """Tell an agent at once, at the registered address, that an answer by e-mail went nowhere.

    At most so many an hour, so that nobody can flood an agent with refusals.
    """
    agent = (await snapshots.agents(uow, [refused.agent]))[refused.agent]
    if not agent.email or await load.notices.told_lately(uow, agent.id) >= TOLD_AN_HOUR:
        return
    account = await sending_account(uow, (await snapshots.task(uow, task_id)).account_id)
    account_id = account.id if account is not None else refused.account
    reason = Reason.from_json(refused.reason)
    await write.notices.queue(uow, account_id, agent, refused.comment, TOLD, uow.now, reason)


async def sending_account(uow: UnitOfWork, own_id: int | None = None) -> Account | None:
    """The account that sends what the program writes; ``own_id``: the task's, when no other can."""
    known = await snapshots.accounts(uow)
    name = (await snapshots.setting(uow, "inbox") or {}).get("mail_account")
    chosen = next((account.id for account in known.values() if account.name == name), None)
    return rules.sending_account(known.values(), chosen, own_id)


async def may_leave(uow: UnitOfWork, delivery_id: int) -> bool:
    """Whether a due notice goes out now; else it was withdrawn, or put off like its comment."""
    due = await load.notices.due(uow, delivery_id)
    agent = (await snapshots.agents(uow, [due.agent_id]))[due.agent_id]
    if rules.is_obsolete(due.notice, agent, stands=await _stands(uow, agent, due)):
        await write.deliveries.move(uow, Step.TAKEN_BACK, [delivery_id])
        return False
    if due.notice == NEWS and due.due_at is not None and due.due_at > uow.now:
        await write.notices.change(uow, delivery_id, due_at=due.due_at)
        return False
    # The agent's address may have changed since.
    await write.notices.change(uow, delivery_id, address=agent.email)
    return True


async def _stands(uow: UnitOfWork, agent: Agent, due: Due) -> bool:
    """Whether the comment is there, in a task that the agent sees."""
    try:
        task = await snapshots.task(uow, due.task_id)
    except NotFound:  # purged
        return False
    return not due.deleted and task.living and await access.may_see(uow, agent, task)
