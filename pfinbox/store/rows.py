"""What the read side hands out: flat, frozen, typed rows; no SQL and no library in here.

Texts that came from clients are cleaned already (``domain.text``), but they are still client
text: a screen shows them as plain content, never as markup.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Who
from pfinbox.domain.outbound.delivery import State


@dataclass(frozen=True, slots=True)
class Person:
    """A contact (no login) or an agent, with the name to show."""

    kind: str
    id: int
    name: str
    login: str | None = None

    @property
    def who(self) -> Who:
        return Who("agent" if self.kind == "agent" else "contact", self.id)


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of a view; ``after`` is the key to ask for the next one with, None at the end."""

    rows: tuple[TaskRow, ...]
    after: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A chat of a task."""

    id: int
    account: str
    channel: str
    key: str
    contact_id: int
    current: bool
    writable: bool


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    id: int
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One recipient's share of a comment, with its state (``domain.outbound.delivery``)."""

    id: int
    task_id: int
    comment_id: int
    recipient: Person
    account: str
    channel: str
    address: str
    state: str
    attempts: int
    error: Reason | None
    source_id: str | None
    due_at: datetime
    sent_at: datetime | None
    dismissed_at: datetime | None = None
    # Of one that waits for its moment: even if the client writes before (R18).
    send_anyway: bool = False


@dataclass(frozen=True, slots=True)
class AmendmentRow:
    """How the last change of a comment fares at the clients' copies on one account (R11).

    kind: edit, delete; state: pending, done, failed.
    """

    account: str
    kind: str
    state: str
    error: Reason | None


@dataclass(frozen=True, slots=True)
class CommentRow:
    """One entry of a conversation. ``internal``: nobody outside the company gets it."""

    id: int
    direction: str
    author: Person
    text: str
    new_text: str | None
    created_at: datetime
    internal: bool
    account: str | None = None
    channel: str | None = None
    claimed_at: datetime | None = None
    quote: tuple[int | None, str] | None = None
    # It answers a whole comment as every mail of a thread does: whoever reads on has seen that.
    in_thread: bool = False
    edits: tuple[tuple[str, datetime], ...] = ()
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    hidden: bool = False
    automatic: bool = False
    sent_elsewhere: bool = False
    imported: bool = False
    verified: bool | None = None
    source_id: str | None = None
    origin_task_id: int = 0
    matched_by: Reason | None = None
    warnings: tuple[Reason, ...] = ()
    notified: tuple[Person, ...] = ()
    attachments: tuple[AttachmentRow, ...] = ()
    deliveries: tuple[DeliveryRow, ...] = ()
    due_at: datetime | None = None
    # Said with somebody outside to whom something was forwarded, not with the client (R45).
    aside: bool = False
    # Who put which signs at it.
    reactions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    amendments: tuple[AmendmentRow, ...] = ()

    @property
    def taken_back(self) -> bool:
        """Deleted before any client got it: part of the record, not of the conversation (R18)."""
        outside = [row.state for row in self.deliveries if row.recipient.kind == "contact"]
        return self.deleted_at is not None and set(outside) == {State.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An automatic line: kind and arguments; the sentence is made when it is shown."""

    kind: str
    args: dict[str, Any]
    at: datetime
    by: Person | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A task with everything in it, comments oldest first."""

    task: TaskRow
    participants: tuple[Person, ...]
    chats: tuple[ChatRow, ...]
    comments: tuple[CommentRow, ...]
    activities: tuple[ActivityRow, ...]
    previous_title: str | None = None
    # Comments up to here were read by this agent when the conversation was loaded.
    read_up_to: int = 0
    # Older comments are left out; the pane asks for more.
    more: bool = False


@dataclass(frozen=True, slots=True)
class LineRow:
    """A comment in a person's line, with the task that it is read in."""

    task_id: int
    title: str
    comment: CommentRow


@dataclass(frozen=True, slots=True)
class LinePage:
    """A page of a person's line, oldest first; ``after`` is the key of what came before it."""

    rows: tuple[LineRow, ...]
    after: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """state: new, connecting, ok, retrying, failed, off, unserved."""

    name: str
    channel: str
    label: str
    state: str
    detail: Reason | None
    last_received_at: datetime | None
    # Its name at the other side (@shop_bot), once that has told it.
    public_name: str | None = None


@dataclass(frozen=True, slots=True)
class DaemonRow:
    """The daemon that is alive now."""

    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    # Why it receives and sends nothing (a restored or moved database), None when it sends.
    held: Reason | None = None
    # Hosts and pids of those that would take over.
    standing_by: tuple[tuple[str, int], ...] = ()
    instance: str = ""


@dataclass(frozen=True, slots=True)
class ViewCount:
    """One line of the views pane; ``count`` is capped at ``store.read.CAP`` (shown 999+)."""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class SavedSearchRow:
    """A search that an agent keeps, in the view in which it looks."""

    name: str
    view: str
    query: str


@dataclass(frozen=True, slots=True)
class CannedRow:
    """A text that agents send again and again; its places stand as ``{{client.name}}``."""

    id: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class NewsRow:
    """What is new for an agent: unread tasks with their newest comment, newest first."""

    unread: tuple[tuple[int, int], ...]
    # Deliveries that failed, or whose fate is unknown, and that nobody dismissed (R24).
    failed: int
    # The task with the newest comment.
    newest: TaskRow | None = None


@dataclass(frozen=True, slots=True)
class PresenceRow:
    """A colleague who looks at a task, or is answering in it."""

    task_id: int
    agent: Person
    answering: bool


@dataclass(frozen=True, slots=True)
class DraftRow:
    """What an agent was writing; ``mode`` is reply or note."""

    task_id: int
    mode: str
    text: str
    choices: dict[str, Any]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AgentRow:
    id: int
    login: str
    name: str
    email: str | None
    admin: bool
    active: bool
    away_until: datetime | None = None
    deputy: str | None = None
    notify_by_mail: bool = False


@dataclass(frozen=True, slots=True)
class AddressRow:
    id: int
    channel: str
    account: str | None
    value: str
    username: str | None
    main: bool
    duplicate: bool = False
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A card with its addresses and the ids of all its tasks, finished ones included (R26)."""

    id: int
    name: str
    company: str | None
    notes: str
    selectable: bool
    portal: bool
    addresses: tuple[AddressRow, ...]
    tasks: tuple[TaskRow, ...] = ()
    merged_into_id: int | None = None


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    id: int
    account: str
    received_at: datetime
    size: int
    reason: Reason | None
    # Waits for the daemon to read it again; when it did so last.
    asked: bool = False
    read_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """Whom the notify picker offers in one task: the client first, then contacts, then agents."""

    people: tuple[Person, ...]
    # E-mail addresses of each contact, by contact id (R17).
    addresses: dict[int, tuple[str, ...]] = field(default_factory=dict)
    # Accounts by which the contacts can be reached (R16).
    accounts: tuple[str, ...] = ()
