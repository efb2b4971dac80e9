"""Contacts' visits to their pages, as agents see them on the card."""

from sqlalchemy import func, select

from pfinbox.domain.people.signing_in import Mailing
from pfinbox.store import tables as t
from pfinbox.store.roots import cards as cards_of
from pfinbox.store.rows import PortalVisitsRow
from pfinbox.store.uow import UnitOfWork


async def visits(uow: UnitOfWork, root_id: int) -> PortalVisitsRow:
    """When a contact was on the page, and which links were mailed to them."""
    seen = select(func.max(t.portal_session.c.last_seen_at)).where(
        t.portal_session.c.contact_id.in_(cards_of(root_id))
    )
    mailed = select(func.count(), func.max(t.sign_in.c.asked_at)).where(
        t.sign_in.c.contact_id.in_(cards_of(root_id)), t.sign_in.c.mailing == Mailing.SENT
    )
    last_visit_at = await uow.connection.scalar(seen)
    links, last_link_at = (await uow.connection.execute(mailed)).one()
    return PortalVisitsRow(last_visit_at, links, last_link_at)
