"""Contacts' cards, whose an address is, and what names a card."""

import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.merging.cards import Card, CardAddress, Share
from pfinbox.domain.model import Account
from pfinbox.domain.people.cards import Sender, scope
from pfinbox.domain.purging import Naming
from pfinbox.domain.recipients import correspondents as rules
from pfinbox.domain.recipients.correspondents import OurSide
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Receipts looked through at a time: their raw bytes may be many.
_AT_ONCE = 20
_CARD = select(
    t.contact.c.root_id,
    t.contact.c.id,
    t.address.c.id.label("address_id"),
    t.address.c.blocked_at,
)
_WITH_ADDRESS = (
    _CARD.join(t.address, t.address.c.contact_id == t.contact.c.id)
    .where(
        t.address.c.channel == bindparam("channel"),
        t.address.c.scope == bindparam("scope"),
        t.address.c.value == bindparam("value"),
    )
    # An import may have left one address on two cards: the first one counts (R27).
    .order_by(t.address.c.duplicate, t.address.c.contact_id)
    .limit(1)
)


async def with_address(uow: UnitOfWork, account: Account, value: str) -> Sender | None:
    """The card on which an address of this account's channel stands."""
    where = {"channel": account.channel, "scope": scope(account), "value": value}
    return _sender((await uow.connection.execute(_WITH_ADDRESS, where)).first())


async def with_own_address(
    uow: UnitOfWork, contact_id: int, account: Account, value: str
) -> Sender | None:
    """The card of this contact (a root) on which the address stands; another one may have it."""
    query = _CARD.join(t.address, t.address.c.contact_id == t.contact.c.id).where(
        t.contact.c.root_id == contact_id,
        t.address.c.channel == account.channel,
        t.address.c.value == value,
    )
    return _sender((await uow.connection.execute(query.limit(1))).first())


def _sender(row: Any) -> Sender | None:
    if row is None:
        return None
    return Sender(row.root_id, row.id, row.address_id, row.blocked_at is not None, known=True)


async def our_side(uow: UnitOfWork) -> OurSide:
    """Our own addresses, as the store has them now."""
    accounts, agents = await snapshots.accounts(uow), await snapshots.agents(uow)
    return rules.our_side(accounts.values(), agents.values())


async def by_mail(uow: UnitOfWork, values: Collection[str]) -> dict[str, int]:
    """The root cards on which these e-mail addresses stand; the first one of several (R27)."""
    by_mail = t.account.c.capabilities.op("&")(int(Capability.GLOBAL_ADDRESSES)) != 0
    rows = await uow.connection.execute(
        select(t.address.c.value, t.contact.c.root_id)
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .where(
            t.address.c.channel.in_(select(t.account.c.channel).where(by_mail)),
            t.address.c.scope == 0,
            t.address.c.value.in_(values),
        )
        .order_by(t.address.c.duplicate.desc(), t.address.c.contact_id.desc())
    )
    return {row.value: row.root_id for row in rows}


async def card(uow: UnitOfWork, contact_id: int) -> Card:
    """A card itself, merged into another one or not."""
    columns = ("id", "root_id", "merged_into_id", "company", "notes", "selectable")
    query = select(*(t.contact.c[name] for name in columns)).where(t.contact.c.id == contact_id)
    row = (await uow.connection.execute(query)).first()
    if row is None:
        raise NotFound(_("there is no contact {id}").format(id=contact_id))
    return Card(**row._mapping)


async def addresses(uow: UnitOfWork, root_id: int) -> list[CardAddress]:
    """The addresses of a root card and of those merged into it."""
    rows = await uow.connection.execute(
        select(t.address.c.id, t.address.c.channel, t.address.c.main)
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .where(t.contact.c.root_id == root_id)
        .order_by(t.address.c.id)
    )
    return [CardAddress(*row) for row in rows]


async def is_used(uow: UnitOfWork, address_id: int) -> bool:
    """Whether a chat goes by this address."""
    used = select(t.chat.c.id).where(t.chat.c.address_id == address_id).limit(1)
    return await uow.connection.scalar(used) is not None


async def shares(uow: UnitOfWork, card_ids: Collection[int]) -> list[Share]:
    """The deliveries to these cards."""
    rows = await uow.connection.execute(
        select(t.delivery.c.id, t.delivery.c.comment_id, t.chat.c.contact_id)
        .outerjoin(t.chat, t.chat.c.id == t.delivery.c.chat_id)
        .where(t.delivery.c.contact_id.in_(card_ids))
    )
    return [Share(*row) for row in rows]


async def naming(uow: UnitOfWork, root: int, condition: ColumnElement[bool]) -> list[Naming]:
    """Those of these receipts that name one of the addresses of a card.

    The raw bytes are compressed, so that all of them are looked through.
    """
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
    rows = await uow.connection.execute(
        select(t.account.c.id, t.address.c.value)
        .join(t.address, t.address.c.channel == t.account.c.channel)
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .where(
            t.contact.c.root_id == root,
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
