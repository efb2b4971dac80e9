"""The life of a delivery: its states and when a failed attempt is tried again."""

from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """States of a delivery; DESIGN.md, Outgoing, point 2."""

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

GIVE_UP_AFTER = timedelta(hours=24)
_FIRST = 5.0
_LONGEST = 900.0


def next_attempt(
    now: datetime, attempts: int, first_tried: datetime, retry_after: float | None, jitter: float
) -> datetime | None:
    """When to try again after ``attempts`` temporary failures, None to give up.

    ``jitter`` is a random number in [0, 1): many deliveries must not come back at one moment.
    ``retry_after`` (seconds) is the other side's own word and is never undercut.
    """
    if now - first_tried > GIVE_UP_AFTER:
        return None
    delay = min(_FIRST * 2 ** min(attempts - 1, 20), _LONGEST)
    delay = delay / 2 + jitter * delay / 2
    if retry_after is not None:
        delay = max(delay, retry_after)
    return now + timedelta(seconds=delay)
