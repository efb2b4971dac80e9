"""Acknowledgements: whether a first message gets one (R10, RFC 3834)."""

import re
from datetime import timedelta

from pfinbox.domain.contract.incoming import Message, Sort
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Account

# One answer of a program a day to one address, however many conversations it begins.
PER_SENDER = timedelta(days=1)
# An account's own limit: a flood of mail with forged senders must not become a flood of ours.
AN_HOUR = 60
AN_ACCOUNTS = timedelta(hours=1)

# RFC 3834 section 2, RFC 2142: nobody reads there, or a program does.
_NOBODY = re.compile(
    r"(?:mailer-daemon|mail-daemon|mdaemon|postmaster|abuse|hostmaster|webmaster|bounces?|listserv"
    r"|majordomo|(?:do[-_.]?not|no)[-_.]?reply|owner-.*|.*-(?:request|owner|bounces?|relay))(?:\+.*)?",
    re.IGNORECASE,
)


def may_acknowledge(account: Account, message: Message, own: frozenset[str]) -> bool:
    """Whether the first message of a new task may be answered by a program at all.

    ``own``: the addresses of our accounts. Spam, blocked senders and imported history never get
    here; budgets are the caller's.
    """
    if account.acknowledgement is None or account.role == "personal":
        return False
    if message.sort is not Sort.HUMAN or message.spam or message.no_auto_reply:
        return False
    value = message.sender.value
    return value not in own and not _NOBODY.fullmatch(value.rpartition("@")[0])


def answerable(ws: WorkingSet, message: Message) -> bool:
    """Whether the account acknowledges this first message of a new task."""
    if ws.account.acknowledgement is None:
        return False
    others = ws.accounts.values()
    own = frozenset(one for other in others for one in (other.label, *other.addresses))
    return may_acknowledge(ws.account, message, own)


def in_budget(to_sender: int, by_account: int) -> bool:
    """Whether one more may leave, after so many to its address and by the account lately."""
    return to_sender == 0 and by_account < AN_HOUR
