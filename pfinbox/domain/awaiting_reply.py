"""Which of the client's messages are still to answer, and who spoke last (R41).

The same as SQL: ``store.load.awaiting_reply``; a property test keeps the two together.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from pfinbox.domain import client_wrote
from pfinbox.domain.client_wrote import CommentFacts
from pfinbox.domain.events.tasks import (
    Deleted,
    Reopened,
    Snoozed,
    StatusChanged,
    Unsnoozed,
    Woken,
)
from pfinbox.domain.merging.tree import Tree
from pfinbox.domain.outbound.delivery import COUNTED_FAILED, State
from pfinbox.record import record

# A comment whose deliveries are all in these has not been said to anybody outside.
UNSAID = (State.SCHEDULED, State.HELD, State.WITHDRAWN)
# Activities that may end the client's waiting, or take such an end back.
ENDS = tuple(
    event.activity for event in (StatusChanged, Snoozed, Unsnoozed, Deleted, Reopened, Woken)
)


@record
class Share:
    """One recipient's delivery of a comment; no notice to an agent."""

    state: State
    # By a thread with somebody outside (R45).
    outside: bool = False
    # A person has dealt with its failure.
    dismissed: bool = False

    @property
    def failed(self) -> bool:
        """Whether somebody has to deal with it: until then it answers nobody (R24)."""
        return self.state in COUNTED_FAILED and not self.dismissed


@record
class Said:
    """A comment of a task or of one merged into it; contacts by their root."""

    id: int
    task_id: int
    created_at: datetime
    # When its mail was received, which may be long after ``created_at``.
    stored_at: datetime
    facts: CommentFacts = field(default_factory=CommentFacts)
    author_id: int | None = None
    notified: frozenset[int] = frozenset()
    internal: bool = False
    sent_elsewhere: bool = False
    shares: tuple[Share, ...] = ()

    @property
    def left(self) -> bool:
        """Whether a contact was meant to have it, and it neither waits any more nor failed.

        An acknowledgement says nothing.
        """
        if self.facts.incoming or self.internal or self.facts.automatic or self.facts.deleted:
            return False
        if any(share.failed for share in self.shares):
            return False
        return not self.shares or any(share.state not in UNSAID for share in self.shares)

    @property
    def aside(self) -> bool:
        """Whether it went only to somebody outside, to whom something was forwarded."""
        return bool(self.shares) and all(share.outside for share in self.shares)


def to_answer(comments: Collection[Said], settled_at: Mapping[int, datetime | None]) -> list[Said]:
    """The messages that no comment to their writer, close or snooze followed, oldest first.

    ``settled_at``: when each task was closed or snoozed last, by its id. A task in the trash has
    nothing to answer.
    """
    answered = max(
        (c.id for c in comments if c.left and not (c.aside or c.sent_elsewhere)), default=0
    )
    # What somebody outside said is answered by an answer to them as well.
    outside = max((c.id for c in comments if c.left and not c.facts.imported), default=0)
    return sorted(
        (
            one
            for one in comments
            if client_wrote.is_heard(one.facts)
            and one.id > answered
            and (client_wrote.client_wrote(one.facts) or one.id > outside)
            and not answered_elsewhere(one, comments)
            and not is_settled(one.stored_at, one.created_at, settled_at[one.task_id])
        ),
        key=lambda one: one.id,
    )


def answered_elsewhere(message: Said, comments: Collection[Said]) -> bool:
    """Whether another program sent something after it to somebody who writes here (R43).

    Such a copy is seen later than it was sent: perhaps the client has written again by then.
    """
    writers = {one.author_id for one in comments if not one.facts.outside} - {None}
    return any(
        one.sent_elsewhere
        and not (one.facts.imported or one.facts.deleted)
        and one.id > message.id
        and one.created_at >= message.created_at
        and one.notified & writers
        for one in comments
    )


def is_settled(stored_at: datetime, created_at: datetime, settled_at: datetime | None) -> bool:
    """Whether a message came before its task was closed or snoozed.

    By a clock that was set back it was stored before that; it was said after it.
    """
    return settled_at is not None and max(stored_at, created_at) <= settled_at


def last_word(comments: Collection[Said], *, client_waits: bool) -> Said | None:
    """The last comment between us and a client; nothing aside while the client waits.

    What a program answered only where nobody said anything.
    """
    spoken = (
        one
        for one in comments
        if one.facts.incoming or (one.left and not (client_waits and one.aside))
    )
    # What was imported, or sent elsewhere, came late and was said early.
    return max(
        spoken, key=lambda one: (not one.facts.automatic, one.created_at, one.id), default=None
    )


def client_is_waited_for(waits: Collection[Said], last: Said | None) -> bool:
    """Whether we spoke last: the view Waiting. Nobody waits for a client who waits for us."""
    return not waits and last is not None and not last.facts.incoming


@record
class Happened:
    """An activity of a task, of one of :data:`ENDS`, or ``closed``: its ``closed_at``."""

    task_id: int
    at: datetime
    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)


def settled_at(
    happened: Sequence[Happened], statuses: Mapping[str, bool], tree: Tree
) -> dict[int, datetime | None]:
    """When each task of a tree was last closed, snoozed or deleted, alone or as one.

    ``statuses``: whether each is active; ``happened`` in the order in which it did.
    """
    ends: list[Happened] = []
    for one in happened:
        back = one.kind in (Reopened.activity, Woken.activity)
        if back and one.args.get("by") != "delivery":
            continue
        if back or one.args.get("undo"):
            # An agent's own close that was taken back counts as never made; so does one after an
            # answer that failed (R24).
            last = max((n for n, end in enumerate(ends) if end.task_id == one.task_id), default=-1)
            if last >= 0:
                del ends[last]
        elif one.kind != Unsnoozed.activity and (
            one.kind != StatusChanged.activity
            or (
                statuses.get(one.args.get("before", ""), True)
                and not statuses.get(one.args.get("to", ""), True)
            )
        ):
            ends.append(one)
    return {task_id: _settled(task_id, ends, tree) for task_id in tree.ids}


def _settled(task_id: int, ends: Sequence[Happened], tree: Tree) -> datetime | None:
    joined = datetime.min.replace(tzinfo=UTC)
    since = {task_id: joined}
    for merge in tree.way_up(task_id):
        joined = max(joined, merge.at)
        since[merge.survivor_id] = joined
    return max(
        (one.at for one in ends if one.task_id in since and one.at >= since[one.task_id]),
        default=None,
    )


@record
class Standing:
    """What is known of a root besides what was said in it."""

    last_notable_id: int
    created_at: datetime
    last_activity_at: datetime
    assignee_agent_id: int | None
    # Its newest comment, by its moment.
    newest_at: datetime | None


@record
class LastWord:
    """What the list shows of the last comment between us and the client.

    ``direction`` None: nobody has spoken yet, only a program.
    """

    direction: str | None
    line: str


@record
class Shown:
    """What the list shows of a task."""

    waiting_since: datetime | None
    last_notable_id: int
    last_direction: str | None
    last_line: str
    last_activity_at: datetime


def shown(
    task: Standing,
    waits: Sequence[Said],
    last: LastWord | None,
    notable: Collection[int] = (),
    active_at: datetime | None = None,
) -> Shown:
    """What the list shows of a task in which these messages wait, oldest first.

    ``notable``: comments that may be new for every agent besides the one noted; ``active_at``:
    the earliest moment that it can have been active last, by default the one noted.
    """
    new = {task.last_notable_id, *notable} & {one.id for one in waits}
    moments = (active_at or task.last_activity_at, task.created_at, task.newest_at)
    return Shown(
        waiting_since=waits[0].created_at if waits else None,
        last_notable_id=max(new, default=0),
        last_direction=last.direction if last else None,
        last_line=last.line if last else "",
        last_activity_at=max(at for at in moments if at is not None),
    )
