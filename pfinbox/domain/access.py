"""What an agent may see and use (R10, R46): tasks, accounts and contacts.

The same as SQL: ``store.read.visibility``; property tests keep the two together.
"""

from pfinbox.domain.model import Agent, Task, Who
from pfinbox.record import record


@record
class AccountAccess:
    """Whose an account is. No ``agent_ids``: every agent's."""

    id: int
    personal: bool = False
    owner_id: int | None = None
    agent_ids: frozenset[int] = frozenset()
    # The configuration names agents who are not here yet.
    awaits: bool = False


def serves(agent: Agent, account: AccountAccess) -> bool:
    """Whether the account's tasks are shown to the agent, unless a task is private.

    An account whose agents are not here yet is nobody else's meanwhile.
    """
    if agent.admin or account.owner_id == agent.id or agent.id in account.agent_ids:
        return True
    return not account.agent_ids and not account.awaits


def may_use(agent: Agent, account: AccountAccess) -> bool:
    """Whether the agent may write by the account; a personal one is its owner's alone."""
    return serves(agent, account) and (not account.personal or account.owner_id == agent.id)


def may_see(agent: Agent, task: Task, account: AccountAccess | None) -> bool:
    """Whether the agent may see a task; ``account`` is the task's own.

    Assignee and participants see it always, a private one only its owner besides them.
    """
    me = Who("agent", agent.id)
    if task.assignee == me or me in task.participants:
        return True
    if task.private_to_id is not None:
        return task.private_to_id == agent.id
    return account is None or serves(agent, account)


@record
class Acquaintance:
    """How the company came to know a contact, merged cards included."""

    # Can be chosen in tasks (R28).
    selectable: bool = False
    # A card of this person was made by hand.
    by_hand: bool = False
    # The accounts by which this person became known, or has a chat.
    accounts: tuple[AccountAccess, ...] = ()
    # The tasks, not purged, whose client, participant or assignee this person is.
    tasks: tuple[tuple[Task, AccountAccess | None], ...] = ()


def knows(agent: Agent, contact: Acquaintance) -> bool:
    """Whether the agent may know of a contact.

    A person known only by accounts that are not the agent's is the contact of the colleagues who
    have these, until the agent sees a task with that person.
    """
    return (
        contact.selectable
        or contact.by_hand
        or any(may_use(agent, account) for account in contact.accounts)
        or any(may_see(agent, task, account) for task, account in contact.tasks)
    )
