"""Keyed hashes of purged messages: enough to recognise one, nothing to read (R34)."""

import hashlib
import hmac

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Incoming, Message, Sort
from pfinbox.domain.inbound.identity.repeats import Mark
from pfinbox.domain.model import Account
from pfinbox.domain.text.cleaning import clean_line

# Before the sha256 of raw bytes that stands for an id.
BYTES = "sha256:"


def hashes(key: bytes, account: Account, incoming: Incoming, mark: Mark) -> frozenset[str]:
    """What a message is known by if it was here and was purged: itself, or the same bytes."""
    ids = [BYTES + mark.sha256]
    event = incoming.event
    if isinstance(event, Message) and (name := clean_line(event.source_id)):
        ids.append(identity(account, name, mark.digest))
        if may_be_ours(account, event):
            ids.append(name)
    return frozenset(purge_hash(key, account, one) for one in ids)


def chosen(account: Account) -> bool:
    """Whether whoever writes a message chooses its id, and may choose one that is taken."""
    return account.can(Capability.FIXED_SOURCE_ID)


def may_be_ours(account: Account, message: Message) -> bool:
    """Whether an id of ours on it says that we sent it: never because a mail says so itself."""
    lies_where_ours_lie = message.sort is Sort.OWN_LOOP or message.sent_elsewhere
    return lies_where_ours_lie or not chosen(account)


def identity(account: Account, source_id: str, digest: str | None) -> str:
    """What names one message that came: where ids are chosen, an id with all that it says."""
    return f"{source_id}\0{digest}" if chosen(account) else source_id


def purge_hash(key: bytes, account: Account, source_id: str) -> str:
    """What stays of a purged message."""
    return hmac.new(key, f"{account.name}\0{source_id}".encode(), hashlib.sha256).hexdigest()
