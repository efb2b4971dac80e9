"""Who wrote: the card of a message's sender, made by itself for an unknown one (R2, R27)."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select, true, update

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import Party
from pfinbox.domain.model import Account
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_FIND = (
    select(
        t.address.c.id,
        t.address.c.blocked_at,
        t.contact.c.root_id,
        t.contact.c.id.label("card_id"),
    )
    .join(t.contact, t.contact.c.id == t.address.c.contact_id)
    .where(
        t.address.c.channel == bindparam("channel"),
        t.address.c.scope == bindparam("scope"),
        t.address.c.value == bindparam("value"),
    )
    # An import may have left one address on two cards: the first one counts (R27).
    .order_by(t.address.c.duplicate, t.address.c.contact_id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Sender:
    """The root card of a sender; ``known`` when it existed before this message.

    ``card_id`` is the card that the address stands on: what is stored names it, so that a merge
    of cards can be undone.
    """

    contact_id: int
    card_id: int
    # None: the sender has no usable address.
    address_id: int | None
    blocked: bool
    known: bool


def scope(account: Account) -> int:
    """Where ids are per account, an address counts only there."""
    return 0 if account.can(Capability.GLOBAL_ADDRESSES) else account.id


async def of_chat(
    uow: UnitOfWork, chat_id: int, values: Collection[str] | None = None
) -> Sender | None:
    """The chat's client; with ``values`` only where one of these is where they are answered."""
    theirs = or_(t.chat.c.answer_to.in_(values or ()), t.address.c.value.in_(values or ()))
    row = (
        await uow.connection.execute(
            select(
                t.contact.c.root_id,
                t.contact.c.id,
                t.address.c.id.label("address_id"),
                t.address.c.blocked_at,
            )
            .select_from(t.chat)
            .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
            .join(t.address, t.address.c.id == t.chat.c.address_id)
            .where(t.chat.c.id == chat_id, theirs if values is not None else true())
        )
    ).first()
    if row is None:
        return None
    return Sender(row.root_id, row.id, row.address_id, row.blocked_at is not None, known=True)


async def find_or_make(
    uow: UnitOfWork, account: Account, party: Party, *, known_by: int | None = None
) -> Sender:
    """The card with this address, else a new one. A unique index makes two writers agree.

    A sender without a usable address is nobody whom we know: a card for this message alone (R48).
    ``known_by``: the account by which somebody new became known (R46); None: everybody's card.
    """
    value = usable(party)
    if value is None:
        name = clean_line(party.name) or display(party)
        contact_id = await make_card(uow, name, account_id=known_by)
        return Sender(contact_id, contact_id, None, blocked=False, known=False)
    found = (
        await uow.connection.execute(
            _FIND, {"channel": account.channel, "scope": scope(account), "value": value}
        )
    ).first()
    if found is not None:
        if party.username:
            await uow.connection.execute(
                update(t.address)
                .where(
                    t.address.c.id == found.id,
                    t.address.c.username.is_distinct_from(clean_line(party.username)),
                )
                .values(username=clean_line(party.username))
            )
        blocked = found.blocked_at is not None
        return Sender(found.root_id, found.card_id, found.id, blocked, known=True)
    name = clean_line(party.name) or display(party)
    contact_id = await make_card(uow, name, account_id=known_by)
    address_id = await add_address(
        uow, contact_id, account.channel, scope(account), value, party.username, main=True
    )
    return Sender(contact_id, contact_id, address_id, blocked=False, known=False)


def usable(party: Party) -> str | None:
    """The address by which a card is found and written to; None where the sender has none.

    Its channel knows what one looks like, and hands over "" for anything else.
    """
    return clean_line(party.value) or None


def display(party: Party) -> str:
    """What to call somebody without a name: the username, else the id or address."""
    return clean_line(f"@{party.username}" if party.username else party.value) or "?"


async def make_card(uow: UnitOfWork, name: str, **values: object) -> int:
    """A new contact; returns its id."""
    contact_id = await uow.add_root(t.contact, name=name, created_at=uow.now, **values)
    uow.touch("contacts")
    return contact_id


async def add_address(
    uow: UnitOfWork,
    contact_id: int,
    channel: str,
    address_scope: int,
    value: str,
    username: str | None = None,
    *,
    main: bool = False,
) -> int:
    """A new address on a card; the database refuses one that another card has."""
    row_id = await uow.add(
        t.address,
        contact_id=contact_id,
        channel=channel,
        scope=address_scope,
        value=value,
        username=clean_line(username) if username else None,
        main=main,
    )
    uow.touch("contacts")
    return row_id
