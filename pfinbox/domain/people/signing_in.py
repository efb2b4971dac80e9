"""Signing in to a contact's own page by an e-mailed link (R36, R40): lifetimes, limits, sessions.

No password: whoever reads the contact's mail is the contact. Of a token the store keeps its hash.
"""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from pfinbox.domain.actor import ContactActor
from pfinbox.record import record

# A link, from the moment it is mailed or shown; one in the mail of a task, for that task alone.
LINK_LASTS = timedelta(minutes=30)
TASK_LINK_LASTS = timedelta(days=30)
# A session without a visit.
IDLE = timedelta(days=30)
# A visit is written down again after so long.
NOTED_AGAIN = timedelta(minutes=10)

PERIOD = timedelta(hours=1)
MAILS_AN_HOUR = 3
ASKED_AN_HOUR = 20
# What was asked by somebody without access is forgotten after so long.
FORGOTTEN = timedelta(days=1)


class Mailing(StrEnum):
    """What becomes of the mail with a link."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    # Not ever; it may have left; the address has no access; there is no mail for this link.
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOBODY = "nobody"
    NONE = "none"


@record
class Link:
    """A link that can still be used; one for a task alone (``task_id``) again and again.

    ``leads_to``: the task whose page was asked for before the sign-in.
    """

    id: int
    contact_id: int
    address: str
    task_id: int | None
    leads_to: int | None


@record
class Access:
    """A contact's access by one address; contacts by their root."""

    contact_id: int
    name: str
    language: str | None
    # All cards of the person: merged or parted, and sessions end.
    cards: frozenset[int]


@record
class Visitor:
    """Who is at the page, by a session that is alive."""

    session_id: int
    contact_id: int
    name: str
    language: str | None
    address: str
    actor: ContactActor


def sees_all(visitor: Visitor | None, contact_id: int) -> bool:
    """Whether somebody is signed in as this contact, and not for one task alone."""
    return (
        visitor is not None and visitor.contact_id == contact_id and visitor.actor.task_id is None
    )


def hash_of(token: str) -> str:
    """What the store keeps of a token; that is random enough for a plain hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def noted_again(last_seen_at: datetime, now: datetime) -> bool:
    """Whether a visit is written down: not each page, as reading would become writing."""
    return now - last_seen_at >= NOTED_AGAIN
