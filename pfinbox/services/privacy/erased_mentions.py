"""Receipts without a comment that name a contact: erasing must find them, too (R34).

A started chat, a block, a bounce, the copy of our own mail: they were recorded with their raw
bytes and lead to nobody's comment, so only the bytes themselves tell whom they are about.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, and_, cast, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound import purged
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.load.purged import mac_key
from pfinbox.store.uow import UnitOfWork


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
    for one in receipts:
        await uow.connection.execute(
            update(t.receipt)
            .where(t.receipt.c.id == one.id)
            .values(raw=b"", sha256="", size=0, state="ignored", reason=Reason("purged").as_json())
        )


async def _naming(uow: UnitOfWork, root: int, condition: Any) -> list[Naming]:
    cards = select(t.contact.c.id).where(t.contact.c.root_id == root)
    addresses = await uow.connection.execute(
        select(t.address.c.channel, t.address.c.scope, t.address.c.value).where(
            t.address.c.contact_id.in_(cards)
        )
    )
    found: dict[int, Naming] = {}
    for address in addresses.all():
        rows = await uow.connection.stream(
            select(
                t.receipt.c.id,
                t.receipt.c.account_id,
                t.receipt.c.sha256,
                t.receipt.c.comment_id,
                t.receipt.c.raw,
            )
            .join(t.account, t.account.c.id == t.receipt.c.account_id)
            .where(
                t.account.c.channel == address.channel,
                or_(address.scope == 0, t.account.c.id == address.scope),
                _holds(uow, address.value.lower()),
                condition,
            )
            .execution_options(yield_per=20)
        )
        # 501 is not named by 15012.
        whole = re.compile(
            rb"(?<![0-9a-z])" + re.escape(address.value.lower().encode()) + rb"(?![0-9a-z])"
        )
        async for row in rows:
            if whole.search(bytes(row.raw).lower()):
                found[row.id] = Naming(row.id, row.account_id, row.sha256, row.comment_id)
    return list(found.values())


def _holds(uow: UnitOfWork, value: str) -> Any:
    if uow.sqlite:
        return func.instr(func.lower(cast(t.receipt.c.raw, Text)), value) > 0
    return func.strpos(func.lower(func.encode(t.receipt.c.raw, "escape")), value) > 0


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
