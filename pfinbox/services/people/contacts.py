"""Cards: made by hand, changed, their addresses (R26-R31)."""

from collections.abc import Sequence
from typing import Unpack

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Address
from pfinbox.domain.people import cards as rules
from pfinbox.domain.people.cards import CardChange
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.people import portal_sessions, revealing
from pfinbox.store import load, snapshots, write
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork

# A channel's or an account's name, and the address.
NewAddress = tuple[str, str]


async def new(
    uow: UnitOfWork,
    actor: AgentActor,
    name: str,
    *,
    company: str | None = None,
    addresses: Sequence[NewAddress] = (),
    selectable: bool = False,
    notes: str = "",
) -> int:
    """A card made by hand; returns its id."""
    contact_id = await write.cards.add(
        uow,
        rules.card_name(name),
        company=clean_line(company, 200) if company else None,
        selectable=selectable,
        notes=clean(notes),
    )
    await _add_addresses(uow, actor, contact_id, addresses)
    return contact_id


async def set_(
    uow: UnitOfWork,
    actor: AgentActor,
    contact_id: int,
    *,
    add_addresses: Sequence[NewAddress] = (),
    remove_addresses: Sequence[str] = (),
    main_address: str | None = None,
    **change: Unpack[CardChange],
) -> None:
    """Change a card. WouldReveal where that shows a contact what they never got (R39)."""
    root = await access.the_contact(uow, actor, contact_id)
    values = rules.values_of(change)
    if values.keys() & {"company", "portal", "contacts_see"}:
        came_into = [str(values["company"])] if values.get("company") else []
        grants = values.get("portal") is True
        widens = revealing.guard(uow, actor, contacts=[root], companies=came_into, grants=grants)
    else:
        widens = revealing.nothing()
    async with widens:
        await write.cards.change(uow, root, **values)
    if values.get("portal") is False:
        await portal_sessions.end_all(uow, root)
    await _add_addresses(uow, actor, root, add_addresses)
    for typed in remove_addresses:
        await _remove_address(uow, root, typed)
    if main_address is not None:
        addresses = await _addresses(uow, root)
        await _make_main(uow, addresses, rules.address_on(addresses, main_address))
    if values.keys() & {"name", "company"} or add_addresses or remove_addresses:
        await index.index_contact(uow, root)


async def _addresses(uow: UnitOfWork, root: int) -> tuple[Address, ...]:
    return (await snapshots.contacts(uow, [root]))[root].addresses


async def _make_main(uow: UnitOfWork, addresses: Sequence[Address], chosen: Address) -> None:
    siblings = [one.id for one in addresses if one.channel == chosen.channel]
    await write.cards.make_main(uow, chosen.id, siblings)


async def _remove_address(uow: UnitOfWork, root: int, typed: str) -> None:
    addresses = await _addresses(uow, root)
    gone = rules.address_on(addresses, typed)
    rules.may_go(gone, used=await load.cards.is_used(uow, gone.id))
    await write.signing_in.end_sessions_by(uow, [gone.id])
    await write.cards.remove_address(uow, gone.id)
    main = rules.next_main(addresses, gone)
    if main is not None:
        await _make_main(uow, addresses, main)


async def _add_addresses(
    uow: UnitOfWork, actor: AgentActor, contact_id: int, typed: Sequence[NewAddress]
) -> None:
    """What is named may be an account, which matters where ids are per account."""
    if not typed:
        return
    accounts = (await access.accounts(uow, actor)).values()
    card = (await snapshots.contacts(uow, [contact_id]))[contact_id]
    channels = {one.channel for one in card.addresses}
    for name, value in typed:
        account = rules.account_meant(accounts, name)
        address = rules.typed_address(account, value)
        mail = account.can(Capability.GLOBAL_ADDRESSES)
        if mail and (await load.cards.our_side(uow)).is_account(address):
            raise Refused(_("{address} is an address of our own").format(address=address))
        owner = await load.cards.with_address(uow, account, address)
        if owner is not None and owner.contact_id != contact_id:
            raise await _taken(uow, actor, address, owner.contact_id)
        if owner is None:
            where = (account.channel, rules.scope(account), address)
            main = account.channel not in channels
            await write.cards.add_address(uow, contact_id, *where, main=main)
            channels.add(account.channel)


async def _taken(uow: UnitOfWork, actor: AgentActor, address: str, other: int) -> Refused:
    if not await access.knows(uow, actor, other):
        words = _("{address} is on a card that you may not see; ask your colleagues")
    else:
        words = _("{address} is on the card of contact {other}; merge the two cards instead")
    return Refused(words.format(address=address, other=other))
