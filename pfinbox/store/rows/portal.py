"""What a contact sees on their page: own tasks, and what of each conversation is theirs to see."""

from datetime import datetime

from pfinbox.record import record
from pfinbox.store.rows.conversations import AttachmentRow


@record
class PortalTaskRow:
    """One of the contact's tasks. ``title``: the subject or the beginning of its first message.

    None: that is not theirs to see. What agents call the task is theirs alone.

    ``last_by_us``: we spoke last, as far as the contact sees. ``own``: the contact is the client,
    and does not only take part or see what a colleague said.
    """

    id: int
    title: str | None
    active: bool
    last_at: datetime
    last_line: str
    last_by_us: bool
    own: bool


@record
class PortalPlace:
    """Where a page of tasks ended: the last comment that was seen of its last task.

    ``left``: tasks that were looked at for this page or an earlier one and stand on a later one, as
    agents have spoken there since the contact did. In what was active ``since`` then, there may be
    more of them.
    """

    at: datetime
    comment_id: int
    since: datetime
    left: tuple[int, ...] = ()


@record
class PortalTaskPage:
    """Tasks, the last spoken in first; ``after`` is the place of what follows, None at the end."""

    rows: tuple[PortalTaskRow, ...]
    after: PortalPlace | None = None


@record
class PortalCommentRow:
    """A comment as the contact has it. ``author``: "" where a program or nobody known wrote it.

    ``quote`` is text only where what is quoted is the contact's to see.
    """

    id: int
    mine: bool
    by_us: bool
    author: str
    text: str
    new_text: str | None
    created_at: datetime
    quote: str | None = None
    edited_at: datetime | None = None
    automatic: bool = False
    files: tuple[AttachmentRow, ...] = ()
    # By what the other side knows it, and the sha256 of its author's picture.
    source_id: str | None = None
    picture: str | None = None


@record
class PortalConversation:
    """Comments oldest first; ``before``: the key of the older ones that are left out."""

    task: PortalTaskRow
    comments: tuple[PortalCommentRow, ...]
    before: int | None = None
    # Newer comments are left out.
    later: bool = False


# A comment, and when it was edited: another pair for every change that is to be shown.
Mark = tuple[int, datetime | None]


@record
class PortalMarks:
    """What tells whether a page of a task's newest comments is still as it was."""

    task_id: int
    active: bool
    comments: tuple[Mark, ...]


@record
class PortalContactRow:
    """A contact's own card. ``language`` None: the browser's."""

    name: str
    language: str | None


@record
class PortalSessionRow:
    """A session of a contact; ``task_id``: it shows that task alone."""

    id: int
    contact_id: int
    task_id: int | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@record
class PortalVisitsRow:
    """What agents know of a contact's visits; None: never."""

    last_visit_at: datetime | None
    # Links that were mailed.
    links: int
    last_link_at: datetime | None
