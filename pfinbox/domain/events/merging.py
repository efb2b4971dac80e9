"""Tasks that become one, or several again; comments that change their task."""

from collections.abc import Sequence

from pfinbox.domain.events.event import Event
from pfinbox.record import record


@record(slots=False)
class Merged(Event, activity="merged", public="task.merged"):
    other: int
    title: str


@record(slots=False)
class MergedInto(Event, activity="merged_into", public="task.merged_into"):
    survivor: int


@record(slots=False)
class Unmerged(Event, activity="unmerged", public="task.unmerged"):
    other: int
    comments: Sequence[int] = ()


@record(slots=False)
class UnmergedFrom(Event, activity="unmerged_from", public="task.unmerged_from"):
    survivor: int
    comments: Sequence[int] = ()


@record(slots=False)
class CommentMoved(Event, activity="comment_moved", public="comment.moved"):
    comment: int
    to: int


@record(slots=False)
class CommentReceived(Event, activity="comment_received", public="comment.received"):
    comment: int
    source: int
