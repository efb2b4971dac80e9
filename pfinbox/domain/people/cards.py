"""Cards and the addresses on them (R2, R26-R31)."""

from collections.abc import Collection, Iterable
from typing import TypedDict

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.party import Party, called
from pfinbox.domain.model import Account, Address
from pfinbox.domain.recipients.correspondents import mailbox, messenger_id
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.domain.visibility import known_setting
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.record import record


class CardChange(TypedDict, total=False):
    """What changes on a card; what is absent or None stays.

    ``contacts_see``: "" for the company's setting.
    """

    name: str | None
    company: str | None
    selectable: bool | None
    notes: str | None
    contacts_see: str | None
    portal: bool | None


def values_of(change: CardChange) -> dict[str, object]:
    """The columns of the card that are written."""
    values = {key: value for key, value in change.items() if value is not None}
    if (name := change.get("name")) is not None:
        values["name"] = card_name(name)
    if (company := change.get("company")) is not None:
        values["company"] = clean_line(company, 200) or None
    if (notes := change.get("notes")) is not None:
        values["notes"] = clean(notes)
    if (setting := change.get("contacts_see")) is not None:
        values["contacts_see"] = known_setting(setting) if setting else None
    return values


@record
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
    value: str = ""
    username: str | None = None


def usable(party: Party) -> str | None:
    """The address by which a card is found and written to; None where the sender has none.

    Its channel knows what one looks like, and hands over "" for anything else.
    """
    return clean_line(party.value) or None


def display(party: Party) -> str:
    """What to call somebody without a name: the username, else the id or address."""
    return clean_line(called(party.username) if party.username else party.value) or "?"


def card_name(typed: str) -> str:
    line = clean_line(typed, 200)
    if not line:
        raise UsageError(_("a contact needs a name"))
    return line


def scope(account: Account) -> int:
    """Where ids are per account, an address counts only there."""
    return 0 if account.can(Capability.GLOBAL_ADDRESSES) else account.id


def is_on(account: Account, address: Address) -> bool:
    """Whether the account can write to this address."""
    return address.channel == account.channel and address.scope == scope(account)


def typed_address(account: Account, typed: str) -> str:
    if account.can(Capability.GLOBAL_ADDRESSES):
        return mailbox(typed).value
    return messenger_id(typed)


def account_meant(accounts: Collection[Account], name: str) -> Account:
    """The account of this name, else one of this channel, where it does not matter which."""
    for account in accounts:
        if account.name == name:
            return account
    of_channel = [account for account in accounts if account.channel == name]
    if not of_channel:
        raise NotFound(_("there is no account or channel {name}").format(name=name))
    if len(of_channel) > 1 and not of_channel[0].can(Capability.GLOBAL_ADDRESSES):
        raise UsageError(
            _("name the account: {names}").format(names=", ".join(a.name for a in of_channel))
        )
    return of_channel[0]


def address_on(addresses: Iterable[Address], typed: str) -> Address:
    """The address of a card that is meant; NotFound where the card has no such address."""
    for address in addresses:
        if address.value == clean_line(typed).lower():
            return address
    raise NotFound(_("{address} is not on this card").format(address=typed))


def may_go(address: Address, *, used: bool) -> None:
    """Refused where a chat goes by the address: its messages must find the card."""
    if used:
        words = _("{address} stays on the card: a conversation goes by it")
        raise Refused(words.format(address=address.value))


def next_main(addresses: Iterable[Address], gone: Address) -> Address | None:
    """The address that is the main one of its channel after ``gone``, where that was it."""
    others = (one for one in addresses if one.channel == gone.channel and one.id != gone.id)
    return next(others, None) if gone.main else None
