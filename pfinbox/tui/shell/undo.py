"""What can be undone: each change that was made leaves the way back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pfinbox.domain.tasks.change import Seen, TaskChange
from pfinbox.record import record
from pfinbox.store.rows import Person, TaskRow

if TYPE_CHECKING:
    from pfinbox.services.inbox import Inbox

# So many steps back; an inbox is not a text editor.
DEPTH = 50


@record
class Comment:
    """A comment that waits for its moment can be taken back.

    ``back`` undoes what became of its task with it.
    """

    task_id: int
    comment_id: int
    back: TaskChange | None = None


@record
class Change:
    """``back`` restores what was before; ``words`` says what is undone.

    Where not all of it could be, ``back`` answers with the sentence that says so.
    """

    task_id: int
    words: str
    back: Callable[["Inbox"], Awaitable[str | None]]


Step = Comment | Change


class UndoStack:
    """The newest step first."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def push(self, step: Step) -> None:
        self._steps.append(step)
        del self._steps[:-DEPTH]

    def pop(self) -> Step | None:
        return self._steps.pop() if self._steps else None


def as_seen(row: TaskRow, change: TaskChange) -> TaskChange:
    """``change`` as one who looked at ``row``: a colleague who was faster keeps the task."""
    if change.assignee is None and not change.unassign:
        return change
    return replace(change, seen=Seen(row.assignee.who if row.assignee else None))


def changed(row: TaskRow, change: TaskChange) -> TaskRow:
    """``row`` as it will be read after ``change``, as far as the next change looks at it."""
    assignee = row.assignee
    if change.unassign:
        assignee = None
    elif change.assignee is not None:
        assignee = Person(change.assignee.kind, change.assignee.id, "")
    tags = (*(tag for tag in row.tags if tag not in change.remove_tags), *change.add_tags)
    return replace(
        row,
        status=change.status or row.status,
        title=change.title or row.title,
        assignee=assignee,
        tags=tuple(dict.fromkeys(tags)),
        snoozed_until=None if change.no_snooze else change.snooze_until or row.snoozed_until,
    )


def inverse(row: TaskRow, change: TaskChange, reply_via: str | None = None) -> TaskChange:
    """The change that brings ``row`` back to what it is now, before ``change``.

    ``reply_via``: by what its client is answered now. Whom ``change`` adds was not there before,
    whom it removes was.
    """
    touches_assignee = change.assignee is not None or change.unassign
    before = row.assignee.who if row.assignee else None
    touches_snooze = change.snooze_until is not None or change.no_snooze
    tags: Sequence[str] = row.tags
    return TaskChange(
        undo=True,
        status=row.status if change.status is not None else None,
        title=row.title if change.title is not None else None,
        assignee=before if touches_assignee else None,
        unassign=touches_assignee and before is None,
        snooze_until=row.snoozed_until if touches_snooze else None,
        no_snooze=touches_snooze and row.snoozed_until is None,
        add_tags=tuple(tag for tag in change.remove_tags if tag in tags),
        remove_tags=tuple(tag for tag in change.add_tags if tag not in tags),
        add_participants=change.remove_participants,
        remove_participants=change.add_participants,
        reply_via=reply_via if change.reply_via is not None else None,
    )
