"""What the read side hands out: flat, frozen, typed rows; no SQL and no library in here.

Texts that came from clients are cleaned already (``domain.text``), but they are still client
text: a screen shows them as plain content, never as markup.
"""

from pfinbox.store.rows.contacts import AddressRow, ContactRow, PictureRow
from pfinbox.store.rows.conversations import (
    ActivityRow,
    AttachmentRow,
    CannedRow,
    ChatRow,
    CommentRow,
    Conversation,
    DraftRow,
    LinePage,
    LineRow,
    ListedDraft,
)
from pfinbox.store.rows.deliveries import AmendmentRow, DeliveryRow
from pfinbox.store.rows.people import AgentRow, Choices, Details, Person, PresenceRow
from pfinbox.store.rows.portal import (
    PortalCommentRow,
    PortalContactRow,
    PortalConversation,
    PortalMarks,
    PortalPlace,
    PortalSessionRow,
    PortalTaskPage,
    PortalTaskRow,
    PortalVisitsRow,
)
from pfinbox.store.rows.system import AccountRow, DaemonRow, QuarantineRow, Vocabulary
from pfinbox.store.rows.tasks import NewsRow, SavedSearchRow, TaskPage, TaskRow, ViewCount

__all__ = [
    "AccountRow",
    "ActivityRow",
    "AddressRow",
    "AgentRow",
    "AmendmentRow",
    "AttachmentRow",
    "CannedRow",
    "ChatRow",
    "Choices",
    "CommentRow",
    "ContactRow",
    "Conversation",
    "DaemonRow",
    "DeliveryRow",
    "Details",
    "DraftRow",
    "LinePage",
    "LineRow",
    "ListedDraft",
    "NewsRow",
    "Person",
    "PictureRow",
    "PortalCommentRow",
    "PortalContactRow",
    "PortalConversation",
    "PortalMarks",
    "PortalPlace",
    "PortalSessionRow",
    "PortalTaskPage",
    "PortalTaskRow",
    "PortalVisitsRow",
    "PresenceRow",
    "QuarantineRow",
    "SavedSearchRow",
    "TaskPage",
    "TaskRow",
    "ViewCount",
    "Vocabulary",
]
