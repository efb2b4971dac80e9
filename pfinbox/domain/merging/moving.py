"""Moving a comment that landed in the wrong task: where its thread goes, and its new task (R5)."""

from datetime import datetime

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Account
from pfinbox.domain.text.subjects import title
from pfinbox.record import record


@record
class Movable:
    """A comment as far as moving it to another task looks at it."""

    id: int
    task_id: int
    incoming: bool
    text: str
    created_at: datetime
    # Its author, as the comment names the card, and that card's root.
    contact_id: int | None
    card_id: int | None
    account_id: int | None
    chat_id: int | None
    source_id: str | None
    # The subject of its thread.
    subject: str | None = None
    # Nothing else of its thread is anywhere.
    alone: bool = False
    # It is new for certain agents.
    noticed: bool = False


def threaded(comment: Movable, account: Account | None) -> bool:
    """Whether later answers to the comment can follow it; a messenger has but one thread (R4)."""
    threads = account is not None and account.can(Capability.THREADS)
    return threads and comment.chat_id is not None


def title_of(comment: Movable, account: Account | None) -> str:
    """What a task is called that the comment opens."""
    return title(comment.subject if threaded(comment, account) else None, comment.text)


def reply_via(account: Account | None) -> str:
    """By what the new task answers.

    A messenger's chat stays current on its open task; the new task can answer by it, too.
    """
    return "own" if account is None or account.can(Capability.THREADS) else account.name
