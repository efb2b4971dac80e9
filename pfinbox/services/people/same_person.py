"""Whether a client who writes by one channel has another card, by an address that they name."""

from collections.abc import Sequence

from pfinbox.domain.actor import AgentActor
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.store import load, read
from pfinbox.store.uow import UnitOfWork


@record
class OtherCard:
    """The card on which a named address stands."""

    contact_id: int
    name: str
    address: str


async def same_person(
    uow: UnitOfWork, actor: AgentActor, contact_id: int, addresses: Sequence[str]
) -> OtherCard | None:
    """The first of these addresses that stands on another card than the client's own.

    Only a card that the agent may know of (R46).
    """
    cards = await load.cards.by_mail(uow, addresses)
    for address in addresses:
        card = cards.get(address)
        if card is not None and card != contact_id and await access.knows(uow, actor, card):
            row = await read.contact(uow, actor, card)
            return OtherCard(card, row.name, address)
    return None
