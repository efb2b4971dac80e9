"""What an agent does with a task in the same breath as writing in it (R18, R35, R41)."""

from datetime import datetime

from pfinbox.domain.model import Task
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.record import record


@record
class Then:
    """Close the task, or hide it until a moment; ``next``: which task is to be answered next."""

    close: bool = False
    snooze_until: datetime | None = None
    next: bool = False


# The task stays as it is.
STAYS = Then()


def change_of(task: Task, then: Then, finished: str) -> TaskChange | None:
    """What becomes of the task; None: it stays as it is. ``finished``: the status of closing."""
    if then.snooze_until is not None:
        return TaskChange(snooze_until=then.snooze_until)
    if then.close and task.active:
        return TaskChange(status=finished)
    return None


def way_back(task: Task, change: TaskChange) -> TaskChange:
    """The change that brings the task back to what it is before ``change``."""
    if change.status is not None:
        return TaskChange(status=task.status, undo=True)
    before = task.snoozed_until
    return TaskChange(snooze_until=before, no_snooze=before is None, undo=True)
