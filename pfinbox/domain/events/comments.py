"""What happens to comments and to their deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pfinbox.domain.events.event import Event

# Comments: what is said


@dataclass(frozen=True)
class ClientWrote(Event, public="client.wrote"):
    """A client's message came; ``answered``: our comment that it answers, as far as known."""

    comment: int
    answered: int | None


@dataclass(frozen=True)
class SentOutside(Event, public="comment.sent_outside"):
    """An answer that was written outside the inbox was found (R43)."""

    comment: int


@dataclass(frozen=True)
class CommentWritten(Event, public="comment.written"):
    """An agent's comment was stored; these contacts and agents get it.

    ``line``: what the list shows of it. ``scheduled``: it has a moment of its own, ``due_at``.
    """

    comment: int
    contacts: Sequence[int]
    agents: Sequence[int]
    line: str
    due_at: datetime
    scheduled: bool = False


@dataclass(frozen=True)
class AnswerRefused(Event, public="answer.refused"):
    """An agent's answer by e-mail became an internal note (R22), new for ``agents``.

    ``agent`` is told by e-mail, by ``account`` where no other one sends notices.
    """

    comment: int
    agent: int
    account: int
    reason: Any
    agents: Sequence[int]


@dataclass(frozen=True)
class CommentSent(Event, public="comment.sent"):
    """A contact has the comment; ``answers``: it did not count as an answer until now (R41)."""

    comment: int
    answers: bool = False


@dataclass(frozen=True)
class CommentTakenBack(Event, public="comment.taken_back"):
    """A comment that had not left is its author's draft again (R18)."""

    comment: int


@dataclass(frozen=True)
class CommentChanged(Event, public="comment.changed"):
    """The comment has another text or other files, by whoever wrote it."""

    comment: int


@dataclass(frozen=True)
class CommentsGone(Event, public="comment.gone"):
    """The comments were deleted, by whoever wrote them."""

    comments: Sequence[int]


# Comments: what the journal keeps of them


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


@dataclass(frozen=True)
class CommentsErased(Event, activity="comments_erased", public="contact.erased"):
    count: int


# Deliveries


@dataclass(frozen=True)
class DeliveryFailed(Event, public="delivery.failed"):
    """A delivery failed, is unknown or held (``state``, R24); new for ``agents``."""

    delivery: int
    comment: int
    state: str
    reason: str
    agents: Sequence[int]


@dataclass(frozen=True)
class CorrectionFailed(Event, public="comment.correction_failed"):
    """A client's copy of the comment stays as it was; new for ``agents``."""

    comment: int
    agents: Sequence[int]


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
