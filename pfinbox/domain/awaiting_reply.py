"""Which of the client's messages are still to answer, and who spoke last (R41).

The same as SQL: ``services.tasks.awaiting_reply``; a property test keeps the two together.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pfinbox.domain import client_wrote
from pfinbox.domain.client_wrote import CommentFacts
from pfinbox.domain.outbound.delivery import State

# A comment whose deliveries are all in these has not been said to anybody outside.
UNSAID = (State.SCHEDULED, State.HELD, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Share:
    """One recipient's delivery of a comment; no notice to an agent."""

    state: State
    # By a thread with somebody outside (R45).
    outside: bool = False


@dataclass(frozen=True, slots=True)
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
        """Whether a contact was meant to have it and it does not wait any more.

        An acknowledgement says nothing.
        """
        if self.facts.incoming or self.internal or self.facts.automatic or self.facts.deleted:
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
    """The last comment between us and a client; nothing aside while the client waits."""
    spoken = (
        one
        for one in comments
        if one.facts.incoming or (one.left and not (client_waits and one.aside))
    )
    # What was imported, or sent elsewhere, came late and was said early.
    return max(spoken, key=lambda one: (one.created_at, one.id), default=None)


def client_is_waited_for(waits: Collection[Said], last: Said | None) -> bool:
    """Whether we spoke last: the view Waiting. Nobody waits for a client who waits for us."""
    return not waits and last is not None and not last.facts.incoming
