"""Cards: made by hand, changed, their addresses (R26-R31)."""

from collections.abc import Sequence

from sqlalchemy import select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Account
from pfinbox.domain.recipients.correspondents import mailbox, messenger_id
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.people import mail_addresses, portal_view, revealing, senders
from pfinbox.store import tables as t
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
    line = clean_line(name, 200)
    if not line:
        raise UsageError(_("a contact needs a name"))
    contact_id = await senders.make_card(
        uow,
        line,
        company=clean_line(company, 200) if company else None,
        selectable=selectable,
        notes=clean(notes),
    )
    for channel, value in addresses:
        await _add_address(uow, actor, contact_id, channel, value)
    return contact_id


async def set_(  # noqa: PLR0913 each field of a card is one
    uow: UnitOfWork,
    actor: AgentActor,
    contact_id: int,
    *,
    name: str | None = None,
    company: str | None = None,
    selectable: bool | None = None,
    notes: str | None = None,
    contacts_see: str | None = None,
    portal: bool | None = None,
    add_addresses: Sequence[NewAddress] = (),
    main_address: str | None = None,
) -> None:
    """Change a card; what is None stays.

    ``contacts_see``: "" for the company's setting. WouldReveal where the change shows a contact
    what they never got (R39).
    """
    root = await access.the_contact(uow, actor, contact_id)
    values: dict[str, object] = {}
    if name is not None:
        values["name"] = clean_line(name, 200)
        if not values["name"]:
            raise UsageError(_("a contact needs a name"))
    if company is not None:
        values["company"] = clean_line(company, 200) or None
    if selectable is not None:
        values["selectable"] = selectable
    if notes is not None:
        values["notes"] = clean(notes)
    if portal is not None:
        values["portal"] = portal
    if contacts_see is not None:
        values["contacts_see"] = portal_view.known_setting(contacts_see) if contacts_see else None
    if values.keys() & {"company", "portal", "contacts_see"}:
        came_into = [clean_line(company, 200)] if company else []
        widens = revealing.guard(
            uow, actor, contacts=[root], companies=came_into, grants=portal is True
        )
    else:
        widens = revealing.nothing()
    async with widens:
        if values:
            await uow.connection.execute(
                update(t.contact).where(t.contact.c.id == root).values(**values)
            )
    for channel, value in add_addresses:
        await _add_address(uow, actor, root, channel, value)
    if main_address is not None:
        await _main(uow, root, main_address)
    if name is not None or company is not None or add_addresses:
        await index.index_contact(uow, root)
    uow.touch("contacts")


async def _add_address(
    uow: UnitOfWork, actor: AgentActor, contact_id: int, channel: str, value: str
) -> None:
    """``channel`` may be an account's name, which matters where ids are per account."""
    account = await _account(uow, actor, channel)
    mail = account.can(Capability.GLOBAL_ADDRESSES)
    address = mailbox(value).value if mail else messenger_id(value)
    if mail and (await mail_addresses.our_side(uow)).is_account(address):
        raise Refused(_("{address} is an address of our own").format(address=address))
    scope = senders.scope(account)
    owner = (
        await uow.connection.execute(
            select(t.contact.c.root_id)
            .join(t.address, t.address.c.contact_id == t.contact.c.id)
            .where(
                t.address.c.channel == account.channel,
                t.address.c.scope == scope,
                t.address.c.value == address,
            )
        )
    ).first()
    if owner is not None and owner.root_id == contact_id:
        return
    if owner is not None and not await access.knows(uow, actor, owner.root_id):
        raise Refused(
            _("{address} is on a card that you may not see; ask your colleagues").format(
                address=address
            )
        )
    if owner is not None:
        raise Refused(
            _("{address} is on the card of contact {other}; merge the two cards instead").format(
                address=address, other=owner.root_id
            )
        )
    have = await uow.connection.scalar(
        select(t.address.c.id)
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .where(t.contact.c.root_id == contact_id, t.address.c.channel == account.channel)
        .limit(1)
    )
    await senders.add_address(uow, contact_id, account.channel, scope, address, main=have is None)


async def _account(uow: UnitOfWork, actor: AgentActor, name: str) -> Account:
    known = (await access.accounts(uow, actor)).values()
    for account in known:
        if account.name == name:
            return account
    of_channel = [account for account in known if account.channel == name]
    if not of_channel:
        raise NotFound(_("there is no account or channel {name}").format(name=name))
    if len(of_channel) > 1 and not of_channel[0].can(Capability.GLOBAL_ADDRESSES):
        raise UsageError(
            _("name the account: {names}").format(names=", ".join(a.name for a in of_channel))
        )
    return of_channel[0]


async def _main(uow: UnitOfWork, contact_id: int, value: str) -> None:
    rows = (
        await uow.connection.execute(
            select(t.address.c.id, t.address.c.channel, t.address.c.value)
            .join(t.contact, t.contact.c.id == t.address.c.contact_id)
            .where(t.contact.c.root_id == contact_id)
        )
    ).all()
    chosen = [row for row in rows if row.value == clean_line(value).lower()]
    if not chosen:
        raise NotFound(_("{address} is not on this card").format(address=value))
    siblings = [row.id for row in rows if row.channel == chosen[0].channel]
    await uow.connection.execute(
        update(t.address).where(t.address.c.id.in_(siblings)).values(main=False)
    )
    await uow.connection.execute(
        update(t.address).where(t.address.c.id == chosen[0].id).values(main=True)
    )
