"""The life of a delivery: its states, what moves it, and when a failed attempt is tried again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Account
from pfinbox.record import record


class State(StrEnum):
    """What a delivery may be; ``MOVES`` below says what moves it."""

    SCHEDULED = "scheduled"  # waits for its moment
    PENDING = "pending"  # due, or backing off until due_at
    SENDING = "sending"  # claimed by a daemon, nothing has left yet
    TRANSMITTING = "transmitting"  # it may have left
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"  # handed over, fate unknown; never repeated blindly
    WITHDRAWN = "withdrawn"
    HELD = "held"  # waits for a person


# These hold later deliveries of the same chat back: the client reads in the order written.
BLOCKING = (State.PENDING, State.SENDING, State.TRANSMITTING)
# A person may still change or stop it.
WAITING = (State.SCHEDULED, State.PENDING, State.HELD)
# Counted as failed until a person deals with it (R24).
COUNTED_FAILED = (State.FAILED, State.UNKNOWN)
# A person has to look.
TROUBLED = (State.FAILED, State.UNKNOWN, State.HELD)

_UNDER_WAY = frozenset((State.SENDING, State.TRANSMITTING))
_TROUBLED = frozenset(TROUBLED)
_WAITING = frozenset(WAITING)


class PartState(StrEnum):
    """States of a part: of one API call, or of one mail."""

    PENDING = "pending"
    TRANSMITTING = "transmitting"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Step(StrEnum):
    """A step in the life of a delivery; nothing else changes its state."""

    # The daemon that claims it; all but the claim itself are believed of its claimant alone.
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    GIVEN_BACK = "given_back"  # nothing has left
    BACKED_OFF = "backed_off"  # turned away for now
    REFUSED = "refused"  # turned away for good
    IN_DOUBT = "in_doubt"  # it may have arrived
    PART_TAKEN = "part_taken"  # a part arrived and more follow
    TAKEN = "taken"  # the last part arrived
    TAKEN_LATE = "taken_late"  # a part arrived, of a delivery that was given up as unknown
    ABANDONED = "abandoned"  # its claimant is gone, and nothing has left
    # What the program finds out.
    WITHHELD = "withheld"
    STOPPED = "stopped"  # no further attempt, an earlier one may have arrived
    RESTORED = "restored"  # the database is older than what was sent
    PROVEN = "proven"  # seen at the other side
    BOUNCED = "bounced"
    # People.
    RETRIED = "retried"
    SENT_NOW = "sent_now"
    RESCHEDULED = "rescheduled"
    TAKEN_BACK = "taken_back"
    WITHDRAWN = "withdrawn"
    MARKED_SENT = "marked_sent"
    DISMISSED = "dismissed"


@record
class Claim:
    """Which daemon has a delivery in hand, and since which claim of it (R24).

    ``epoch`` grows with every claim of a delivery, so that a daemon that slept through its lease
    cannot take a later claim, not even a later one of its own, for its old one.
    """

    lease_id: int
    epoch: int


@record
class Job:
    """Claimed deliveries that share their parts: one message, to one or several."""

    account_id: int
    chat_id: int | None
    comment_id: int
    delivery_ids: tuple[int, ...]
    # Parts that still have to go, in their order.
    part_ids: tuple[int, ...]
    claim: Claim

    def is_claimed_in(self, claims: Mapping[int, Claim | None]) -> bool:
        """Whether all of its deliveries are still its own to hand over, by these claims."""
        return bool(self.delivery_ids) and all(
            claims.get(one) == self.claim for one in self.delivery_ids
        )


@record
class Due:
    """A delivery that may be claimed; ``epoch``: that of its last claim."""

    id: int
    account_id: int
    chat_id: int | None
    comment_id: int
    # What kind of notice to a colleague it is, None for a comment to a contact.
    notice: str | None
    epoch: int | None
    # The last one before it that waits for the same client in the same chat.
    follows: int | None
    # An earlier attempt may have arrived.
    doubted: bool = False
    # When the first attempt was, since it was queued or retried.
    first: datetime | None = None


@record
class Attempts:
    """What a delivery has behind it."""

    id: int
    address: str
    count: int
    # Since it was queued or retried.
    first: datetime | None
    # One of them may have arrived.
    doubted: bool = False


def whole_messages(due: Sequence[Due], limit: int) -> list[Due]:
    """Without the last message where the limit cut it: it goes to all of its people at once."""
    if len(due) < limit:
        return list(due)
    by_comment = [list(same) for _id, same in groupby(due, lambda one: one.comment_id)]
    kept = by_comment[:-1] or by_comment
    return [one for same in kept for one in same]


def in_order(due: Sequence[Due]) -> list[Due]:
    """Without those that follow one which is not going now: a chat is written to in its order."""
    going: set[int] = set()
    for one in sorted(due, key=lambda one: one.id):
        if one.follows is None or one.follows in going:
            going.add(one.id)
    return [one for one in due if one.id in going]


def jobs(due: Sequence[Due], parts: Mapping[int, tuple[int, ...]], lease_id: int) -> list[Job]:
    """The messages of these deliveries, in the order in which they were written.

    ``parts``: the unsent ones of each delivery; who shares them gets one message.
    """
    messages: dict[tuple[int, tuple[int, ...]], list[Due]] = {}
    for one in due:
        messages.setdefault((one.comment_id, parts[one.id]), []).append(one)
    found = [
        Job(
            same[0].account_id,
            same[0].chat_id,
            comment_id,
            tuple(one.id for one in same),
            part_ids,
            Claim(lease_id, 1 + max(one.epoch or 0 for one in same)),
        )
        for (comment_id, part_ids), same in messages.items()
    ]
    return sorted(found, key=lambda job: job.delivery_ids)


def chains(jobs: Sequence[Job]) -> list[list[Job]]:
    """The jobs of each chat, in the order in which its client is to read them."""
    found: dict[object, list[Job]] = {}
    for job in jobs:
        # A mail to a colleague is in no chat, and waits for nothing.
        key = job.delivery_ids if job.chat_id is None else job.chat_id
        found.setdefault(key, []).append(job)
    return list(found.values())


@record
class Move:
    """From which states a step moves a delivery; ``to`` None: it stays in its state.

    ``claimed``: only by whoever has claimed it.
    """

    sources: frozenset[State]
    to: State | None
    claimed: bool = False


def _move(*sources: State, to: State | None, claimed: bool = False) -> Move:
    return Move(frozenset(sources), to, claimed)


MOVES: Mapping[Step, Move] = {
    Step.CLAIMED: _move(State.SCHEDULED, State.PENDING, to=State.SENDING),
    Step.HANDED_OVER: _move(State.SENDING, to=State.TRANSMITTING, claimed=True),
    Step.GIVEN_BACK: Move(_UNDER_WAY, State.PENDING, claimed=True),
    Step.BACKED_OFF: Move(_UNDER_WAY, State.PENDING, claimed=True),
    Step.REFUSED: Move(_UNDER_WAY, State.FAILED, claimed=True),
    Step.IN_DOUBT: Move(_UNDER_WAY, State.UNKNOWN, claimed=True),
    # Sending already: it was written before, and the answer to that commit was lost.
    Step.PART_TAKEN: _move(State.TRANSMITTING, State.SENDING, to=State.SENDING, claimed=True),
    # The transmitter's own answer, however late, is the one thing that ends its own unknown.
    Step.TAKEN: _move(State.TRANSMITTING, State.UNKNOWN, to=State.SENT, claimed=True),
    Step.TAKEN_LATE: _move(State.UNKNOWN, to=None, claimed=True),
    Step.ABANDONED: _move(State.SENDING, to=State.PENDING, claimed=True),
    Step.WITHHELD: _move(State.SCHEDULED, State.PENDING, to=State.HELD),
    Step.STOPPED: Move(_WAITING, State.UNKNOWN),
    Step.RESTORED: Move(_WAITING | _UNDER_WAY, State.UNKNOWN),
    Step.PROVEN: _move(State.TRANSMITTING, State.UNKNOWN, to=State.SENT),
    Step.BOUNCED: _move(State.TRANSMITTING, State.UNKNOWN, State.SENT, to=State.FAILED),
    Step.RETRIED: Move(_TROUBLED, State.PENDING),
    Step.SENT_NOW: Move(_WAITING, State.PENDING),
    Step.RESCHEDULED: Move(_WAITING, State.SCHEDULED),
    Step.TAKEN_BACK: Move(_WAITING, State.WITHDRAWN),
    Step.WITHDRAWN: Move(_WAITING | _TROUBLED, State.WITHDRAWN),
    Step.MARKED_SENT: _move(State.UNKNOWN, State.FAILED, to=State.SENT),
    Step.DISMISSED: Move(_TROUBLED, None),
}

_UNSENT = frozenset(PartState) - {PartState.SENT}
_IN_HAND = frozenset((PartState.TRANSMITTING, PartState.UNKNOWN))
# What the same step does to the parts that it is about; other steps leave them as they are.
PART_MOVES: Mapping[Step, tuple[frozenset[PartState], PartState]] = {
    Step.HANDED_OVER: (_UNSENT, PartState.TRANSMITTING),
    Step.GIVEN_BACK: (frozenset((PartState.TRANSMITTING,)), PartState.PENDING),
    Step.BACKED_OFF: (frozenset((PartState.TRANSMITTING,)), PartState.PENDING),
    Step.REFUSED: (_UNSENT, PartState.FAILED),
    Step.IN_DOUBT: (_UNSENT, PartState.UNKNOWN),
    Step.TAKEN: (_IN_HAND, PartState.SENT),
    Step.STOPPED: (_UNSENT, PartState.UNKNOWN),
    Step.RESTORED: (_UNSENT, PartState.UNKNOWN),
    Step.PROVEN: (_IN_HAND, PartState.SENT),
    Step.BOUNCED: (frozenset(PartState), PartState.FAILED),
    Step.RETRIED: (_UNSENT, PartState.PENDING),
}

GIVE_UP_AFTER = timedelta(hours=24)
_FIRST = 5.0
LONGEST = 900.0
# Where the account rests as a whole, the message itself need not.
SOON = 20.0


def may_repeat(account: Account, first_tried: datetime, now: datetime) -> bool:
    """Whether a hand-over whose fate is unknown may be repeated: the other side recognises it."""
    if not account.can(Capability.IDEMPOTENT):
        return False
    within = account.limits.repeat_within
    return within is None or now - first_tried < timedelta(seconds=within)


def repeats_too_late(due: Due, account: Account, now: datetime) -> bool:
    """Whether the other side would not recognise a repeat any more, and show the message twice."""
    if not due.doubted or due.first is None or not account.can(Capability.IDEMPOTENT):
        return False
    return not may_repeat(account, due.first, now)


def next_attempt(
    now: datetime,
    attempts: int,
    first_tried: datetime,
    retry_after: float | None,
    jitter: float,
    longest: float = LONGEST,
) -> datetime | None:
    """When to try again after ``attempts`` temporary failures, None to give up.

    ``jitter`` is a random number in [0, 1): many deliveries must not come back at one moment.
    ``retry_after`` (seconds) is the other side's own word and is never undercut.
    """
    if now - first_tried > GIVE_UP_AFTER:
        return None
    delay = min(_FIRST * 2 ** min(attempts - 1, 20), longest)
    delay = delay / 2 + jitter * delay / 2
    if retry_after is not None:
        delay = max(delay, retry_after)
    return now + timedelta(seconds=delay)
