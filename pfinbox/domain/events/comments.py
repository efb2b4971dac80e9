"""What happens to comments and to their deliveries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pfinbox.domain.events.event import Event
from pfinbox.record import record

# Comments: what is said


@record(slots=False)
class ClientWrote(Event, public="client.wrote"):
    """A client's message came; ``answered``: our comment that it answers, as far as known."""

    comment: int
    answered: int | None


@record(slots=False)
class SentOutside(Event, public="comment.sent_outside"):
    """An answer that was written outside the inbox was found (R43)."""

    comment: int


@record(slots=False)
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


@record(slots=False)
class AnswerRefused(Event, public="answer.refused"):
    """An agent's answer by e-mail became an internal note (R22), new for ``agents``.

    ``agent`` is told by e-mail, by ``account`` where no other one sends notices.
    """

    comment: int
    agent: int
    account: int
    reason: Any
    agents: Sequence[int]


@record(slots=False)
class CommentSent(Event, public="comment.sent"):
    """A contact has the comment; ``answers``: it did not count as an answer until now (R41)."""

    comment: int
    answers: bool = False


@record(slots=False)
class CommentTakenBack(Event, public="comment.taken_back"):
    """A comment that had not left is its author's draft again (R18)."""

    comment: int


@record(slots=False)
class CommentChanged(Event, public="comment.changed"):
    """The comment has another text or other files, by whoever wrote it."""

    comment: int


@record(slots=False)
class CommentsGone(Event, public="comment.gone"):
    """The comments were deleted, by whoever wrote them."""

    comments: Sequence[int]


# Comments: what the journal keeps of them


@record(slots=False)
class CommentEdited(Event, activity="comment_edited", public="comment.edited"):
    comment: int


@record(slots=False)
class CommentDeleted(Event, activity="comment_deleted", public="comment.deleted"):
    comment: int


@record(slots=False)
class CommentHidden(Event, activity="hidden", public="comment.hidden"):
    comment: int


@record(slots=False)
class CommentUnhidden(Event, activity="unhidden", public="comment.unhidden"):
    comment: int


@record(slots=False)
class FileReplaced(Event, activity="file_replaced", public="comment.file_replaced"):
    comment: int
    name: str


@record(slots=False)
class CommentsErased(Event, activity="comments_erased", public="contact.erased"):
    count: int


# Deliveries


@record(slots=False)
class DeliveryFailed(Event, public="delivery.failed"):
    """A delivery failed, is unknown or held (``state``, R24); new for ``agents``."""

    delivery: int
    comment: int
    state: str
    reason: str
    agents: Sequence[int]


@record(slots=False)
class CorrectionFailed(Event, public="comment.correction_failed"):
    """A client's copy of the comment stays as it was; new for ``agents``."""

    comment: int
    agents: Sequence[int]


@record(slots=False)
class DeliveryRetried(Event, activity="delivery_retried", public="delivery.retried"):
    delivery: int


@record(slots=False)
class DeliveryRerouted(Event, activity="delivery_rerouted", public="delivery.rerouted"):
    delivery: int
    account: str | None
    address: str | None


@record(slots=False)
class DeliveryDismissed(Event, activity="delivery_dismissed", public="delivery.dismissed"):
    delivery: int


@record(slots=False)
class DeliveryMarkedSent(Event, activity="delivery_marked_sent", public="delivery.marked_sent"):
    delivery: int


@record(slots=False)
class DeliveryWithdrawn(Event, activity="delivery_withdrawn", public="delivery.withdrawn"):
    delivery: int
