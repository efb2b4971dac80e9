"""Writing links to sign in by, and sessions."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, func, select, true, update

from pfinbox.domain.people.signing_in import FORGOTTEN, IDLE, Access, Link, Mailing
from pfinbox.store import tables as t
from pfinbox.store.roots import cards
from pfinbox.store.uow import UnitOfWork

# Any number, the same for everybody who asks.
_ASKING = 0x7066696E


async def lock_asking(uow: UnitOfWork) -> None:
    """One asks after the other: those who come at once must not all be counted as the first."""
    if not uow.sqlite:
        await uow.connection.execute(select(func.pg_advisory_xact_lock(_ASKING)))


async def ask(uow: UnitOfWork, address: str, **values: object) -> int:
    """A link that is asked for; by default it is to be mailed now."""
    given = {"mailing": Mailing.DUE, "asked_at": uow.now, "due_at": uow.now, **values}
    uow.touch("outbox")
    return await uow.add(t.sign_in, address=address, **given)


async def forget_strangers(uow: UnitOfWork) -> None:
    """Addresses of nobody are not kept."""
    await uow.connection.execute(
        delete(t.sign_in).where(
            t.sign_in.c.asked_at < uow.now - FORGOTTEN, t.sign_in.c.contact_id.is_(None)
        )
    )


async def change(uow: UnitOfWork, sign_in_id: int, **values: object) -> None:
    """What became of the mail with a link."""
    await uow.change(t.sign_in, sign_in_id, **values)
    uow.touch("outbox", "contacts")


async def spend(uow: UnitOfWork, link: Link) -> bool:
    """Use a link up, and with it every other one that the same address got; False: it was."""
    done = await uow.connection.execute(
        update(t.sign_in)
        .where(t.sign_in.c.id == link.id, t.sign_in.c.spent_at.is_(None))
        .values(spent_at=uow.now)
    )
    await uow.connection.execute(
        update(t.sign_in)
        .where(
            t.sign_in.c.address == link.address,
            t.sign_in.c.token_hash.is_not(None),
            t.sign_in.c.task_id.is_(None),
            t.sign_in.c.spent_at.is_(None),
        )
        .values(spent_at=uow.now)
    )
    return done.rowcount == 1


async def begin_session(uow: UnitOfWork, token_hash: str, link: Link, access: Access) -> int:
    """A session of a contact."""
    uow.touch("contacts")
    return await uow.add(
        t.portal_session,
        token_hash=token_hash,
        contact_id=link.contact_id,
        cards=sorted(access.cards),
        address=link.address,
        task_id=link.task_id,
        created_at=uow.now,
        last_seen_at=uow.now,
        expires_at=uow.now + IDLE,
    )


async def seen(uow: UnitOfWork, session_id: int) -> None:
    """The contact was there."""
    await uow.change(t.portal_session, session_id, last_seen_at=uow.now, expires_at=uow.now + IDLE)


async def end_sessions(uow: UnitOfWork, ids: Collection[int]) -> None:
    """These sessions are over."""
    await _end(uow, t.portal_session.c.id.in_(ids))


async def end_sessions_of(uow: UnitOfWork, contact_ids: Collection[int]) -> None:
    """Every session of these contacts is over."""
    await _end(uow, t.portal_session.c.contact_id.in_(contact_ids))


async def end_sessions_by(uow: UnitOfWork, address_ids: Collection[int]) -> None:
    """Every session is over that began by one of these addresses."""
    values = select(t.address.c.value).where(t.address.c.id.in_(address_ids))
    await _end(uow, t.portal_session.c.address.in_(values))


async def _end(uow: UnitOfWork, which: ColumnElement[bool]) -> None:
    await uow.connection.execute(
        update(t.portal_session)
        .where(which, t.portal_session.c.ended_at.is_(None))
        .values(ended_at=uow.now)
    )
    uow.touch("contacts")


async def spend_links_of(uow: UnitOfWork, contact_id: int) -> None:
    """No link that a contact got can be used any more."""
    await uow.connection.execute(
        update(t.sign_in)
        .where(t.sign_in.c.contact_id.in_(cards(contact_id)), t.sign_in.c.spent_at.is_(None))
        .values(spent_at=uow.now)
    )


async def end_everything(uow: UnitOfWork) -> None:
    """Every session of everybody is over, and no link can be used."""
    await _end(uow, true())
    await uow.connection.execute(
        update(t.sign_in).where(t.sign_in.c.spent_at.is_(None)).values(spent_at=uow.now)
    )
