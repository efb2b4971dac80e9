"""Tasks that become one, or several again; comments that change their task."""

from collections.abc import Sequence
from dataclasses import dataclass

from pfinbox.domain.events.event import Event


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
