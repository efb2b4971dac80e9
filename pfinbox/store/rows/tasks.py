"""The task list: its rows and pages, the views with their counts, what is new."""

from datetime import datetime
from typing import Any

from pfinbox.record import record
from pfinbox.store.rows.people import Person


@record
class TaskRow:
    """One line of the task list."""

    id: int
    title: str
    status: str
    active: bool
    account: str | None
    channel: str | None
    contact: Person | None
    assignee: Person | None
    tags: tuple[str, ...]
    unread: bool
    last_line: str
    # incoming, outgoing or None when nobody said anything yet
    last_direction: str | None
    waiting_since: datetime | None
    snoozed_until: datetime | None
    created_at: datetime
    last_activity_at: datetime
    previous_task_id: int | None = None
    merged_into_id: int | None = None
    deleted_at: datetime | None = None
    scheduled: bool = False
    failed: bool = False
    draft: bool = False
    # What stands for its channel.
    sign: str = ""
    # Until when its chat can be written to, where its account says how long that is (R25).
    closes_at: datetime | None = None


@record
class TaskPage:
    """A page of a view; ``after`` is the key to ask for the next one with, None at the end."""

    rows: tuple[TaskRow, ...]
    after: tuple[Any, ...] | None


@record
class ViewCount:
    """One line of the views pane; ``count`` is capped at ``store.read.CAP`` (shown 999+)."""

    key: str
    count: int


@record
class SavedSearchRow:
    """A search that an agent keeps, in the view in which it looks."""

    name: str
    view: str
    query: str


@record
class NewsRow:
    """What is new for an agent: unread tasks with their newest comment, newest first."""

    unread: tuple[tuple[int, int], ...]
    # Deliveries that failed, or whose fate is unknown, and that nobody dismissed (R24).
    failed: int
    # The task with the newest comment.
    newest: TaskRow | None = None
