"""Contacts' cards as merging them looks at them."""

from collections.abc import Collection

from sqlalchemy import select

from pfinbox.domain.merging.cards import Card, CardAddress, Share
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


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


async def shares(uow: UnitOfWork, card_ids: Collection[int]) -> list[Share]:
    """The deliveries to these cards."""
    rows = await uow.connection.execute(
        select(t.delivery.c.id, t.delivery.c.comment_id, t.chat.c.contact_id)
        .outerjoin(t.chat, t.chat.c.id == t.delivery.c.chat_id)
        .where(t.delivery.c.contact_id.in_(card_ids))
    )
    return [Share(*row) for row in rows]
