"""Keyed hashes of purged messages: enough to recognise one, nothing to read (R34)."""

import hashlib
import hmac

from sqlalchemy import select

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import Incoming, Message, Sort
from pfinbox.domain.inbound.repeats import fingerprint
from pfinbox.domain.model import Account
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Before the sha256 of raw bytes that stands for an id.
BYTES = "sha256:"


async def is_purged(uow: UnitOfWork, account: Account, incoming: Incoming) -> bool:
    """Whether it was here and was purged: the same message, or the same bytes."""
    ids = [BYTES + hashlib.sha256(incoming.raw).hexdigest()]
    event = incoming.event
    if isinstance(event, Message) and (name := clean_line(event.source_id)):
        ids.append(identity(account, name, fingerprint(event)))
        if may_be_ours(account, event):
            ids.append(name)
    key = await mac_key(uow)
    found = await uow.connection.scalar(
        select(t.purged_id.c.hash)
        .where(t.purged_id.c.hash.in_([purge_hash(key, account, one) for one in ids]))
        .limit(1)
    )
    return found is not None


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


async def mac_key(uow: UnitOfWork) -> bytes:
    """The store's own secret, made when the store was."""
    value = await snapshots.setting(uow, "mac_key")
    return bytes.fromhex(value)
