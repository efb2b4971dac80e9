"""How accounts and queues do."""

from collections.abc import Mapping
from datetime import datetime

from pfinbox.record import record


@record
class AccountHealth:
    """``state`` as an ``AccountRow`` has it; ``problem``: a reason's kind, empty for none."""

    name: str
    state: str
    problem: str
    last_received_at: datetime | None


@record
class Queues:
    """``deliveries``: by account and state; ``requests``: by account."""

    deliveries: Mapping[tuple[str, str], int]
    requests: Mapping[str, int]
    oldest_due: datetime | None
