"""What a contact looks up on their page; the rest are the store's own reads."""

from pfinbox.domain.actor import ContactActor
from pfinbox.store.read.portal import (
    cards,
    contact_comment,
    contact_conversation,
    contact_file,
    contact_marks,
    contact_tasks,
)
from pfinbox.store.read.portal.sight import sight
from pfinbox.store.rows.portal import PortalContactRow
from pfinbox.store.uow import UnitOfWork

__all__ = [
    "contact",
    "contact_comment",
    "contact_conversation",
    "contact_file",
    "contact_marks",
    "contact_tasks",
]


async def contact(uow: UnitOfWork, actor: ContactActor) -> PortalContactRow:
    """The contact's own card, as far as it is theirs to change; NotFound without access."""
    who = await sight(uow, actor)
    return await cards.own_card(uow, who.reader.id)
