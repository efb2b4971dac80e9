"""A part whose answer was lost, known again by what it says (R24, R43).

A service that keeps no id of ours tells of such a message as of one that was sent elsewhere.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.model import Account
from pfinbox.domain.outbound.delivery import GIVE_UP_AFTER
from pfinbox.domain.text.cleaning import clean
from pfinbox.record import record

# The service's clock and ours differ.
_CLOCKS = timedelta(minutes=2)


@record
class Doubt:
    """A part that may have arrived; ``due_at``: before that its last attempt did not begin."""

    part_id: int
    comment_id: int
    text: str
    due_at: datetime


def may_end(account: Account, incoming: Incoming, message: Message) -> bool:
    """Whether this message may be a part in doubt.

    A service that recognises repeats knows our id. A file comes back as other bytes, so that
    nothing says which one it is.
    """
    has_ids = account.can(Capability.GLOBAL_ADDRESSES) or account.can(Capability.IDEMPOTENT)
    said = message.sent_elsewhere and bool(message.text.strip()) and not message.files
    return said and not (has_ids or incoming.history)


def ended(doubts: Iterable[Doubt], message: Message) -> Doubt | None:
    """The part that this message is: the only one with its words at that time."""
    same = [
        one
        for one in doubts
        if _words(one.text) == _words(message.text)
        and one.due_at - _CLOCKS <= message.sent_at <= one.due_at + GIVE_UP_AFTER
    ]
    return same[0] if len(same) == 1 else None


def _words(text: str) -> list[str]:
    return clean(text).split()
