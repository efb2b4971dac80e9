"""Who is blocked when a task is called spam, and what it was before (R42)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Account, Task
from pfinbox.record import record


@record
class Senders:
    """The messenger chats from which a task's client wrote, and the threads of mails."""

    chats: frozenset[int]
    threads: frozenset[int]


def senders(task: Task, accounts: Mapping[int, Account]) -> Senders:
    """A messenger's chat is blocked whole; of a thread, the address from which it was written."""
    theirs = {
        chat.id: accounts[chat.account_id]
        for chat in task.chats
        if task.contact_id is None or chat.contact_id == task.contact_id
    }
    threads = frozenset(i for i, account in theirs.items() if account.can(Capability.THREADS))
    return Senders(frozenset(theirs) - threads, threads)


def goes_on_in(task: Task, chats: Collection[int]) -> int | None:
    """The other open task that has one of these chats: that one must be called spam."""
    others = {chat.open_task_id for chat in task.chats if chat.id in chats}
    return min((i for i in others if i is not None and i != task.id), default=None)


def anybody_wrote(task: Task) -> bool:
    """Whether a client wrote, if only from no address: there is nobody to block then (R48)."""
    return any(chat.last_incoming_at is not None for chat in task.chats)


@record
class BeforeSpam:
    """What a task was before it was called spam; a task that was born there was nothing else."""

    deleted_at: datetime | None = None
    # Its newest comment that was new for every agent, and the highest comment of all.
    notable: int = 0
    mark: int = 0


def before_spam(args: Mapping[str, Any]) -> BeforeSpam:
    """What the activity of a task that an agent called spam tells."""
    at = args["deleted_at"]
    return BeforeSpam(datetime.fromisoformat(at) if at else None, args["notable"], args["mark"])
