"""The cards of the contact whose page it is."""

from collections.abc import Collection

from sqlalchemy import select

from pfinbox.store import tables as t
from pfinbox.store.roots import cards as cards_of
from pfinbox.store.rows.portal import PortalContactRow
from pfinbox.store.uow import UnitOfWork


async def root_cards(uow: UnitOfWork, contact_ids: Collection[int]) -> set[int]:
    """The root cards of these."""
    return set(
        await uow.connection.scalars(
            select(t.contact.c.root_id).where(t.contact.c.id.in_(contact_ids))
        )
    )


async def all_cards(uow: UnitOfWork, root_ids: Collection[int]) -> frozenset[int]:
    """Every card that is one of these persons'."""
    return frozenset(await uow.connection.scalars(cards_of(root_ids)))


async def own_card(uow: UnitOfWork, contact_id: int) -> PortalContactRow:
    """A contact's name and language."""
    row = (
        await uow.connection.execute(
            select(t.contact.c.name, t.contact.c.language).where(t.contact.c.id == contact_id)
        )
    ).one()
    return PortalContactRow(row.name, row.language)
