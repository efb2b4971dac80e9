"""Who wrote: the card of a message's sender, made by itself for an unknown one (R2, R27)."""

from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Account
from pfinbox.domain.people.cards import Sender, display, scope, usable
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import load, write
from pfinbox.store.uow import UnitOfWork


async def find_or_make(
    uow: UnitOfWork, account: Account, party: Party, *, known_by: int | None = None
) -> Sender:
    """The card with this address, else a new one. A unique index makes two writers agree.

    A sender without a usable address is nobody whom we know: a card for this message alone (R48).
    ``known_by``: the account by which somebody new became known (R46); None: everybody's card.
    """
    value, username = usable(party), clean_line(party.username or "") or None
    found = await load.cards.with_address(uow, account, value) if value is not None else None
    if found is not None and found.address_id is not None:
        if username is not None:
            await write.cards.set_username(uow, found.address_id, username)
        return found
    name = clean_line(party.name) or display(party)
    contact_id = await write.cards.add(uow, name, account_id=known_by)
    address_id = None
    if value is not None:
        where = (account.channel, scope(account), value)
        address_id = await write.cards.add_address(uow, contact_id, *where, username, main=True)
    return Sender(contact_id, contact_id, address_id, blocked=False, known=False)
