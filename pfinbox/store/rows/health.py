"""How accounts and queues do."""

from collections.abc import Mapping
from datetime import datetime

from pfinbox.domain.contract.gap import Gap
from pfinbox.record import record


@record
class AccountHealth:
    """``state`` as an ``AccountRow`` has it; ``problem``: a reason's kind, empty for none.

    ``gap``: what is missing for good, until somebody takes note of it.
    """

    name: str
    state: str
    problem: str
    last_received_at: datetime | None
    gap: Gap | None = None


@record
class Queues:
    """``deliveries``: by account and state; ``requests``: by account."""

    deliveries: Mapping[tuple[str, str], int]
    requests: Mapping[str, int]
    oldest_due: datetime | None
