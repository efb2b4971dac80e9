"""Keyed hashes of what was purged: enough to know it again, nothing to read (R34)."""

import hashlib
import hmac

from sqlalchemy import select

from pfinbox.domain.envelope import Incoming, Message
from pfinbox.domain.model import Account
from pfinbox.domain.text import clean_line
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Before the sha256 of raw bytes that stands for an id.
BYTES = "sha256:"


async def is_purged(uow: UnitOfWork, account: Account, incoming: Incoming) -> bool:
    """Whether it was here and was purged: by its id, or by its bytes where it has none."""
    ids = [BYTES + hashlib.sha256(incoming.raw).hexdigest()]
    if isinstance(incoming.event, Message) and (name := clean_line(incoming.event.source_id)):
        ids.append(name)
    key = await mac_key(uow)
    found = await uow.connection.scalar(
        select(t.purged_id.c.hash)
        .where(t.purged_id.c.hash.in_([purge_hash(key, account, one) for one in ids]))
        .limit(1)
    )
    return found is not None


def purge_hash(key: bytes, account: Account, source_id: str) -> str:
    """What stays of a purged message."""
    return hmac.new(key, f"{account.name}\0{source_id}".encode(), hashlib.sha256).hexdigest()


async def mac_key(uow: UnitOfWork) -> bytes:
    """The store's own secret, made when the store was."""
    value = await snapshots.setting(uow, "mac_key")
    return bytes.fromhex(value)
