"""An agent who takes back an own close or snooze at once corrects a slip (R41)."""

from datetime import datetime, timedelta

from pfinbox.domain.events.tasks import (
    Deleted,
    Reopened,
    Restored,
    Snoozed,
    StatusChanged,
    Unsnoozed,
    Woken,
)

# After this time, opening a task again is a decision to go on with it.
AT_ONCE = timedelta(minutes=5)
# Whatever opens, closes, hides or shows a task again.
OPENING_OR_CLOSING = (StatusChanged, Reopened, Snoozed, Unsnoozed, Woken, Deleted, Restored)


def is_slip(
    done_by: int | None, done_at: datetime, undone_by: int, now: datetime, *, said_so: bool = False
) -> bool:
    """Whether the client waits again as if it had never been closed or snoozed.

    ``said_so``: the agent pressed undo, however late.
    """
    return done_by == undone_by and (said_so or now - done_at <= AT_ONCE)
