"""A conversation: comments, automatic lines, chats, and what an agent writes into it."""

from datetime import datetime
from typing import Any

from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import State
from pfinbox.record import record
from pfinbox.store.rows.deliveries import AmendmentRow, DeliveryRow
from pfinbox.store.rows.people import Person
from pfinbox.store.rows.tasks import TaskRow


@record
class ChatRow:
    """A chat of a task."""

    id: int
    account: str
    channel: str
    key: str
    contact_id: int
    current: bool
    writable: bool


@record
class AttachmentRow:
    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    # Its bytes were older than they are kept.
    removed_at: datetime | None = None


@record
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
    # To and Cc of a client's mail, our own addresses among them.
    mail_to: tuple[Party, ...] = ()
    mail_cc: tuple[Party, ...] = ()

    @property
    def taken_back(self) -> bool:
        """Deleted before any client got it: part of the record, not of the conversation (R18)."""
        outside = [row.state for row in self.deliveries if row.recipient.kind == "contact"]
        return self.deleted_at is not None and set(outside) == {State.WITHDRAWN}


@record
class ActivityRow:
    """An automatic line: kind and arguments; the sentence is made when it is shown."""

    kind: str
    args: dict[str, Any]
    at: datetime
    by: Person | None


@record
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


@record
class LineRow:
    """A comment in a person's line, with the task that it is read in."""

    task_id: int
    title: str
    comment: CommentRow


@record
class LinePage:
    """A page of a person's line, oldest first; ``after`` is the key of what came before it."""

    rows: tuple[LineRow, ...]
    after: tuple[datetime, int] | None


@record
class DraftRow:
    """What an agent was writing; ``mode`` is reply, note, forward, bulk, or begins with mail."""

    task_id: int
    mode: str
    text: str
    choices: dict[str, Any]
    updated_at: datetime


@record
class ListedDraft:
    """A draft with its task's title and client; of a new mail and a reply to many there is none."""

    draft: DraftRow
    title: str
    name: str

    @property
    def key(self) -> tuple[int, str]:
        """An agent has one draft of a mode in a task."""
        return self.draft.task_id, self.draft.mode

    @property
    def contact_id(self) -> int | None:
        """Whom a new message by a messenger goes to."""
        found = self.draft.choices.get("contact_id")
        return found if isinstance(found, int) else None

    @property
    def whom(self) -> str:
        """To whom it goes, as far as that is known."""
        return str(self.draft.choices.get("to") or self.name).strip().rstrip(",")

    @property
    def subject(self) -> str:
        """What it is about: its own subject, its task, or how it begins."""
        first = next(iter(self.body.strip().splitlines()), "")
        return str(self.draft.choices.get("subject") or self.title or first)

    @property
    def body(self) -> str:
        """Its text without addresses and subject."""
        return str(self.draft.choices.get("body", self.draft.text))


@record
class CannedRow:
    """A text that agents send again and again; its places stand as ``{{client.name}}``.

    ``own``: nobody else uses it. The name has its folders: "Shipping/Late".
    """

    id: int
    name: str
    text: str
    own: bool = False

    @property
    def folder(self) -> str:
        return self.name.rpartition("/")[0]
