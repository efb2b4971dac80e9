"""What can happen to a task: a class for each event, with its fields (R21).

``activity`` is the kind under which the journal keeps the event, with the fields as arguments;
``public`` is its name for whoever is told from outside. Both are stored: a name stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """Something that happened; a past participle."""

    activity: ClassVar[str]
    public: ClassVar[str]

    def __init_subclass__(cls, *, activity: str, public: str) -> None:
        cls.activity, cls.public = activity, public

    def args(self) -> dict[str, Any]:
        """The fields by name; those that were left at their default are left out."""
        values = {one.name: (getattr(self, one.name), one.default) for one in fields(self)}
        return {name: value for name, (value, default) in values.items() if value != default}


@dataclass(frozen=True, slots=True)
class Activity:
    """An event as the journal keeps it; ``agent_id``: who did it."""

    kind: str
    args: Mapping[str, Any]
    agent_id: int | None
    at: datetime

    def was(self, event: type[Event]) -> bool:
        return self.kind == event.activity


# The task itself


@dataclass(frozen=True)
class TaskCreated(Event, activity="created", public="task.created"):
    """An agent made the task."""


@dataclass(frozen=True)
class TitleChanged(Event, activity="title", public="task.title_changed"):
    to: str


@dataclass(frozen=True)
class StatusChanged(Event, activity="status", public="task.status_changed"):
    """``undo``: an agent's own slip taken back."""

    before: str
    to: str
    undo: bool = False


@dataclass(frozen=True)
class Assigned(Event, activity="assigned", public="task.assigned"):
    """An agent or a contact (``kind``) has the task now."""

    kind: str
    id: int


@dataclass(frozen=True)
class Unassigned(Event, activity="unassigned", public="task.unassigned"):
    pass


@dataclass(frozen=True)
class Snoozed(Event, activity="snoozed", public="task.snoozed"):
    """``until`` as ISO 8601."""

    until: str


@dataclass(frozen=True)
class Unsnoozed(Event, activity="unsnoozed", public="task.unsnoozed"):
    undo: bool = False


@dataclass(frozen=True)
class Woken(Event, activity="woken", public="task.woken"):
    """``by``: what ended the snooze."""

    by: str


@dataclass(frozen=True)
class Reopened(Event, activity="reopened", public="task.reopened"):
    """``by``: what opened the task."""

    by: str


@dataclass(frozen=True)
class ReplyViaChanged(Event, activity="reply_via", public="task.reply_via_changed"):
    to: str


@dataclass(frozen=True)
class ContactChanged(Event, activity="contact", public="task.contact_changed"):
    to: int


@dataclass(frozen=True)
class Deleted(Event, activity="deleted", public="task.deleted"):
    pass


@dataclass(frozen=True)
class Restored(Event, activity="restored", public="task.restored"):
    pass


@dataclass(frozen=True)
class Purged(Event, activity="purged", public="task.purged"):
    pass


@dataclass(frozen=True)
class MarkedSpam(Event, activity="spam", public="task.marked_spam"):
    """What the task was before, for whoever takes it out of Spam again."""

    deleted_at: str | None
    notable: int
    mark: int


@dataclass(frozen=True)
class UnmarkedSpam(Event, activity="unspam", public="task.unmarked_spam"):
    pass


# Who takes part


@dataclass(frozen=True)
class Joined(Event, activity="joined", public="participant.joined"):
    kind: str
    id: int


@dataclass(frozen=True)
class Left(Event, activity="left", public="participant.left"):
    kind: str
    id: int


@dataclass(frozen=True)
class ParticipantWrote(Event, activity="participant_wrote", public="participant.wrote"):
    """A contact wrote in the task for the first time."""

    contact: int


@dataclass(frozen=True)
class PutBefore(Event, activity="put_before", public="task.put_before"):
    """A deputy gets the messages of an assignee who is away (R44)."""

    to: int | None
    instead_of: int | None


@dataclass(frozen=True)
class HandedOver(Event, activity="handed_over", public="task.handed_over"):
    """The assignee was deactivated."""

    to: int | None
    instead_of: int


@dataclass(frozen=True)
class CommentsErased(Event, activity="comments_erased", public="contact.erased"):
    count: int


# Merging


@dataclass(frozen=True)
class Merged(Event, activity="merged", public="task.merged"):
    other: int
    title: str


@dataclass(frozen=True)
class MergedInto(Event, activity="merged_into", public="task.merged_into"):
    survivor: int


@dataclass(frozen=True)
class Unmerged(Event, activity="unmerged", public="task.unmerged"):
    other: int
    comments: Sequence[int] = ()


@dataclass(frozen=True)
class UnmergedFrom(Event, activity="unmerged_from", public="task.unmerged_from"):
    survivor: int
    comments: Sequence[int] = ()


@dataclass(frozen=True)
class CommentMoved(Event, activity="comment_moved", public="comment.moved"):
    comment: int
    to: int


@dataclass(frozen=True)
class CommentReceived(Event, activity="comment_received", public="comment.received"):
    comment: int
    source: int


# Comments


@dataclass(frozen=True)
class CommentEdited(Event, activity="comment_edited", public="comment.edited"):
    comment: int


@dataclass(frozen=True)
class CommentDeleted(Event, activity="comment_deleted", public="comment.deleted"):
    comment: int


@dataclass(frozen=True)
class CommentHidden(Event, activity="hidden", public="comment.hidden"):
    comment: int


@dataclass(frozen=True)
class CommentUnhidden(Event, activity="unhidden", public="comment.unhidden"):
    comment: int


@dataclass(frozen=True)
class FileReplaced(Event, activity="file_replaced", public="comment.file_replaced"):
    comment: int
    name: str


# Deliveries


@dataclass(frozen=True)
class DeliveryRetried(Event, activity="delivery_retried", public="delivery.retried"):
    delivery: int


@dataclass(frozen=True)
class DeliveryRerouted(Event, activity="delivery_rerouted", public="delivery.rerouted"):
    delivery: int
    account: str | None
    address: str | None


@dataclass(frozen=True)
class DeliveryDismissed(Event, activity="delivery_dismissed", public="delivery.dismissed"):
    delivery: int


@dataclass(frozen=True)
class DeliveryMarkedSent(Event, activity="delivery_marked_sent", public="delivery.marked_sent"):
    delivery: int


@dataclass(frozen=True)
class DeliveryWithdrawn(Event, activity="delivery_withdrawn", public="delivery.withdrawn"):
    delivery: int


# Chats


@dataclass(frozen=True)
class ChatOpened(Event, activity="chat_opened", public="chat.opened"):
    """The chat can be written to again."""

    reason: Any


@dataclass(frozen=True)
class ChatClosed(Event, activity="chat_closed", public="chat.closed"):
    reason: Any


@dataclass(frozen=True)
class ChatMoved(Event, activity="chat_moved", public="chat.moved"):
    """The chat goes on under another key."""


@dataclass(frozen=True)
class ChatMovedConflict(Event, activity="chat_moved_conflict", public="chat.moved_conflict"):
    other: int


# Invitations (R30)


@dataclass(frozen=True)
class Invited(Event, activity="invited", public="invitation.made"):
    account: str


@dataclass(frozen=True)
class InvitationUsed(Event, activity="invitation_used", public="invitation.used"):
    account: str
    contact: int


@dataclass(frozen=True)
class InvitationOtherCard(Event, activity="invitation_other_card", public="invitation.other_card"):
    client: int
    contact: int


@dataclass(frozen=True)
class InvitationConflict(Event, activity="invitation_conflict", public="invitation.conflict"):
    other: int
    survivor: int
    joining: int
    account: str
    contact: int


@dataclass(frozen=True)
class InvitationStale(Event, activity="invitation_stale", public="invitation.stale"):
    contact: int
