"""Receipts without a comment that name a contact: erasing must find them, too (R34).

A started chat, a block, a bounce, the copy of our own mail: they were recorded with their raw
bytes and lead to nobody's comment, so only the bytes themselves tell whom they are about.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound import purged
from pfinbox.store import files, snapshots
from pfinbox.store import tables as t
from pfinbox.store.load.purged import mac_key
from pfinbox.store.uow import UnitOfWork

# Of raw bytes, which may be many.
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Naming:
    """A receipt that names somebody; ``comment_id`` is that of a quarantined one."""

    id: int
    account_id: int
    sha256: str
    comment_id: int | None


async def of_nobody(uow: UnitOfWork, root: int) -> list[Naming]:
    """Receipts without a comment that name one of the addresses of this card."""
    return await _naming(uow, root, t.receipt.c.comment_id.is_(None))


async def unread(uow: UnitOfWork, root: int) -> list[Naming]:
    """Quarantined ones whose sender nobody could make out, with one of the addresses in them."""
    known = exists().where(t.address.c.contact_id == t.comment.c.contact_id)
    unknown = exists().where(t.comment.c.id == t.receipt.c.comment_id, ~known)
    return await _naming(uow, root, and_(t.receipt.c.state == "quarantined", unknown))


async def forget(uow: UnitOfWork, receipts: Collection[Naming]) -> None:
    """Purge the receipts' bytes; a keyed hash keeps the same bytes from coming back."""
    if not receipts:
        return
    accounts = await snapshots.accounts(uow)
    key = await mac_key(uow)
    hashes = {
        purged.purge_hash(key, accounts[one.account_id], purged.BYTES + one.sha256)
        for one in receipts
        if one.sha256
    }
    make = sqlite.insert if uow.sqlite else postgresql.insert
    for some in sorted(hashes):
        await uow.connection.execute(make(t.purged_id).values(hash=some).on_conflict_do_nothing())
    ids = [one.id for one in receipts]
    await files.store_apart(uow, select(t.receipt.c.id).where(t.receipt.c.id.in_(ids)))
    for one in receipts:
        await uow.connection.execute(
            update(t.receipt)
            .where(t.receipt.c.id == one.id)
            .values(raw=b"", sha256="", size=0, state="ignored", reason=Reason("purged").as_json())
        )


async def _naming(uow: UnitOfWork, root: int, condition: Any) -> list[Naming]:
    """The raw bytes are compressed, so that all of these receipts are looked through."""
    named = await _patterns(uow, root)
    if not named:
        return []
    found: list[Naming] = []
    last = 0
    while True:
        rows = await uow.connection.execute(
            select(t.receipt)
            .where(
                t.receipt.c.id > last,
                t.receipt.c.account_id.in_(named),
                t.receipt.c.size > 0,
                condition,
            )
            .order_by(t.receipt.c.id)
            .limit(_AT_ONCE)
        )
        some = rows.all()
        if not some:
            return found
        last = some[-1].id
        for row in some:
            if named[row.account_id].search(row.raw.lower()):
                found.append(Naming(row.id, row.account_id, row.sha256, row.comment_id))


async def _patterns(uow: UnitOfWork, root: int) -> dict[int, re.Pattern[bytes]]:
    """What names this card in the raw bytes of each account."""
    cards = select(t.contact.c.id).where(t.contact.c.root_id == root)
    rows = await uow.connection.execute(
        select(t.account.c.id, t.address.c.value)
        .join(t.address, t.address.c.channel == t.account.c.channel)
        .where(
            t.address.c.contact_id.in_(cards),
            or_(t.address.c.scope == 0, t.address.c.scope == t.account.c.id),
        )
    )
    values: dict[int, list[bytes]] = {}
    for account_id, value in rows:
        values.setdefault(account_id, []).append(re.escape(value.lower().encode()))
    # 501 is not named by 15012.
    return {
        account_id: re.compile(rb"(?<![0-9a-z])(?:" + b"|".join(some) + rb")(?![0-9a-z])")
        for account_id, some in values.items()
    }


async def forget_signs(uow: UnitOfWork, values: Collection[str]) -> None:
    """Take the signs of erased people away wherever they stand."""
    rows = await uow.connection.execute(
        select(t.comment.c.id, t.comment.c.reactions).where(t.comment.c.reactions.is_not(None))
    )
    for row in rows.all():
        kept = [one for one in row.reactions if one["value"] not in values]
        if kept != row.reactions:
            await uow.connection.execute(
                update(t.comment).where(t.comment.c.id == row.id).values(reactions=kept or None)
            )
