"""Downtimes that were longer than a service keeps what nobody fetched."""

from datetime import datetime, timedelta

from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.reason import Reason

_HOUR = 3600


def outlasted(reached_at: datetime | None, kept_for: int | None, now: datetime) -> Gap | None:
    """What the service has dropped since it was reached last; None where it has all of it.

    ``kept_for``: seconds, None where the service keeps messages for good.
    """
    if reached_at is None or kept_for is None:
        return None
    dropped_until = now - timedelta(seconds=kept_for)
    if dropped_until <= reached_at:
        return None
    reason = Reason("not_kept", {"hours": kept_for // _HOUR})
    return Gap(reason=reason, since=reached_at, until=dropped_until)
