"""What happens to comments and to their deliveries."""

from dataclasses import dataclass

from pfinbox.domain.events.event import Event

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


@dataclass(frozen=True)
class CommentsErased(Event, activity="comments_erased", public="contact.erased"):
    count: int


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
