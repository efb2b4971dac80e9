"""Deliveries and amendments: how a comment fares on its way."""

from datetime import datetime

from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record
from pfinbox.store.rows.people import Person


@record
class DeliveryRow:
    """One recipient's share of a comment, with its state (``domain.outbound.delivery``)."""

    id: int
    task_id: int
    comment_id: int
    recipient: Person
    account: str
    channel: str
    address: str
    state: str
    attempts: int
    error: Reason | None
    source_id: str | None
    due_at: datetime
    sent_at: datetime | None
    dismissed_at: datetime | None = None
    # Of one that waits for its moment: even if the client writes before (R18).
    send_anyway: bool = False
    # In Cc of its mail (R45).
    copy: bool = False
    # What the other side told of it later on.
    delivered_at: datetime | None = None
    seen_at: datetime | None = None
    # Where it follows by e-mail unless it is seen.
    later_address: str | None = None
    # The name of the approved text that it was sent as.
    template: str | None = None


@record
class AmendmentRow:
    """How the last change of a comment fares at the clients' copies on one account (R11).

    kind: edit, delete; state: pending, done, failed.
    """

    account: str
    kind: str
    state: str
    error: Reason | None
