"""What the store keeps of purged messages: keyed hashes, and the key (R34)."""

from collections.abc import Collection

from sqlalchemy import select

from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def mac_key(uow: UnitOfWork) -> bytes:
    """The store's own secret, made when the store was."""
    return bytes.fromhex(await snapshots.setting(uow, "mac_key"))


async def purged_of(uow: UnitOfWork, hashes: Collection[str]) -> frozenset[str]:
    """Those of the hashes that stand for something purged."""
    found = await uow.connection.scalars(
        select(t.purged_id.c.hash).where(t.purged_id.c.hash.in_(hashes))
    )
    return frozenset(found)
