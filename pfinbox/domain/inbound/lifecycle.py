"""Which task of a chat takes its next message (R6, R7), and what a message does to that task."""

from datetime import datetime, timedelta

from pfinbox.domain.contract.incoming import Sort
from pfinbox.domain.model import Task
from pfinbox.record import record


@record
class Landing:
    """``task_id`` None: a new task. ``reopen``: it becomes active and unread again."""

    task_id: int | None
    reopen: bool = False


def land(
    current: Task | None,
    rule: str,
    now: datetime,
    *,
    sort: Sort = Sort.HUMAN,
    blocked: bool = False,
    threads: bool = False,
    history: bool = False,
) -> Landing:
    """Where the next message of a chat lands.

    ``current`` is the task that takes the chat's messages now, resolved through merges; ``rule``
    is the account's ``new_task_after_close``; ``blocked``: the sender was marked as spam (R42);
    ``threads``: the channel has many threads a client, as e-mail has (R5); ``history``: it was
    there before the account's first contact.
    """
    if current is None:
        return Landing(None)
    if blocked:
        # R7's one exception: in a messenger a blocked chat's spam task takes what follows. Nothing
        # else of theirs does: no spam in a conversation that goes on.
        takes = current.spam and current.purged_at is None and not threads
        return Landing(current.id if takes else None)
    if not current.living:
        return Landing(None)
    if current.active:
        return Landing(current.id)
    if sort is not Sort.HUMAN or history:
        # Neither a robot nor the past reopens a finished task or deserves one of its own there.
        return Landing(current.id)
    if rule == "false":
        return Landing(current.id, reopen=True)
    fresh = rule.endswith("d") and current.closed_at is not None
    if fresh and now - (current.closed_at or now) < timedelta(days=int(rule[:-1])):
        return Landing(current.id, reopen=True)
    return Landing(None)
