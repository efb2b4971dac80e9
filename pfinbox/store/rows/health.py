"""How accounts and queues do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """``state`` as an ``AccountRow`` has it; ``problem``: a reason's kind, empty for none."""

    name: str
    state: str
    problem: str
    last_received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Queues:
    """``deliveries``: by account and state; ``requests``: by account."""

    deliveries: Mapping[tuple[str, str], int]
    requests: Mapping[str, int]
    oldest_due: datetime | None
