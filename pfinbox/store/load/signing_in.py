"""Who may sign in to a page, by which link, and whose session it is."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from pfinbox.domain.actor import ContactActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.people.signing_in import LINK_LASTS, PERIOD, Access, Link, Mailing, Visitor
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.roots import cards as cards_of
from pfinbox.store.rows import PortalSessionRow
from pfinbox.store.settings import SENDING_IS_HELD
from pfinbox.store.uow import UnitOfWork

_BY_MAIL = select(t.account.c.channel).where(
    t.account.c.capabilities.op("&")(int(Capability.GLOBAL_ADDRESSES)) != 0
)
_CARD, _ROOT = t.contact.alias("card"), t.contact.alias("root")


async def asked_lately(uow: UnitOfWork, address: str, network: str) -> tuple[int, int]:
    """How many mails this address was asked within an hour, and how often this network asked."""
    since = t.sign_in.c.asked_at > uow.now - PERIOD
    mails = await uow.connection.scalar(
        select(func.count())
        .select_from(t.sign_in)
        .where(t.sign_in.c.address == address, since, t.sign_in.c.mailing != Mailing.NONE)
    )
    asked = await uow.connection.scalar(
        select(func.count()).select_from(t.sign_in).where(t.sign_in.c.network == network, since)
    )
    return mails or 0, asked or 0


async def access(uow: UnitOfWork, address: str) -> Access | None:
    """The contact with access on whose card this e-mail address stands, not blocked."""
    row = (
        await uow.connection.execute(
            select(_ROOT.c.id, _ROOT.c.portal, t.address.c.blocked_at)
            .select_from(t.address)
            .join(_CARD, _CARD.c.id == t.address.c.contact_id)
            .join(_ROOT, _ROOT.c.id == _CARD.c.root_id)
            .where(t.address.c.value == address, _is_mail())
            # An import may have left one address on two cards: the first one counts (R27).
            .order_by(t.address.c.duplicate, t.address.c.contact_id)
            .limit(1)
        )
    ).first()
    if row is None or not row.portal or row.blocked_at is not None:
        return None
    return await access_of(uow, row.id)


async def access_of(uow: UnitOfWork, root_id: int) -> Access | None:
    """A contact, by the root card, if it has access."""
    row = (
        await uow.connection.execute(
            select(_ROOT.c.name, _ROOT.c.language).where(_ROOT.c.id == root_id, _ROOT.c.portal)
        )
    ).first()
    if row is None:
        return None
    cards = await uow.connection.scalars(cards_of(root_id))
    return Access(root_id, row.name, row.language, frozenset(cards))


async def mail_address(uow: UnitOfWork, root_id: int) -> str | None:
    """The e-mail address by which the contact is reached: the main one, none that is blocked."""
    found: str | None = await uow.connection.scalar(
        select(t.address.c.value)
        .join(_CARD, _CARD.c.id == t.address.c.contact_id)
        .where(_CARD.c.root_id == root_id, _is_mail(), t.address.c.blocked_at.is_(None))
        .order_by(t.address.c.main.desc(), t.address.c.id)
        .limit(1)
    )
    return found


@record
class Asked:
    """A link that is to be mailed; ``contact_id``: to whom ``agent_id`` sends it."""

    id: int
    address: str
    contact_id: int | None
    agent_id: int | None
    language: str | None
    attempts: int
    asked_at: datetime


_DUE: Select[Any] = select(
    t.sign_in.c.id,
    t.sign_in.c.address,
    t.sign_in.c.contact_id,
    t.sign_in.c.agent_id,
    t.sign_in.c.language,
    t.sign_in.c.attempts,
    t.sign_in.c.asked_at,
)


_ANY_DUE = select(t.sign_in.c.id).where(t.sign_in.c.mailing == Mailing.DUE).limit(1)


async def is_any_due(uow: UnitOfWork) -> bool:
    """Whether any link is to be mailed, now or later."""
    return await uow.connection.scalar(_ANY_DUE) is not None


async def due(uow: UnitOfWork, limit: int) -> list[Asked]:
    """What is to be mailed now, oldest first; a link that nobody waits for any more is left out."""
    rows = await uow.connection.execute(
        _DUE.where(
            t.sign_in.c.mailing == Mailing.DUE,
            t.sign_in.c.spent_at.is_(None),
            t.sign_in.c.due_at <= uow.now,
            t.sign_in.c.asked_at > uow.now - LINK_LASTS,
            ~SENDING_IS_HELD,
        )
        .order_by(t.sign_in.c.due_at, t.sign_in.c.id)
        .limit(limit)
    )
    return [Asked(*row) for row in rows]


async def next_due(uow: UnitOfWork) -> datetime | None:
    """When the next link is to be mailed that is put off."""
    at: datetime | None = await uow.connection.scalar(
        select(func.min(t.sign_in.c.due_at)).where(
            t.sign_in.c.mailing == Mailing.DUE, t.sign_in.c.due_at > uow.now
        )
    )
    return at


async def asked(uow: UnitOfWork, sign_in_id: int) -> Asked | None:
    """A link that is still to be mailed."""
    row = (
        await uow.connection.execute(
            _DUE.where(t.sign_in.c.id == sign_in_id, t.sign_in.c.mailing == Mailing.DUE)
        )
    ).first()
    return Asked(*row) if row is not None else None


async def mailed(uow: UnitOfWork, source_ids: Collection[str]) -> list[tuple[int, str]]:
    """The links that these mails brought, each with the address."""
    rows = await uow.connection.execute(
        select(t.sign_in.c.id, t.sign_in.c.address).where(t.sign_in.c.source_id.in_(source_ids))
    )
    return [(row.id, row.address) for row in rows]


async def link(uow: UnitOfWork, token_hash: str) -> Link | None:
    """The link of a token that can still be used, of a contact who has access by its address."""
    row = (
        await uow.connection.execute(
            select(
                t.sign_in.c.id,
                _ROOT.c.id.label("root_id"),
                t.sign_in.c.address,
                t.sign_in.c.task_id,
                t.sign_in.c.leads_to,
            )
            .join(_CARD, _CARD.c.id == t.sign_in.c.contact_id)
            .join(_ROOT, _ROOT.c.id == _CARD.c.root_id)
            .where(
                t.sign_in.c.token_hash == token_hash,
                t.sign_in.c.spent_at.is_(None),
                t.sign_in.c.expires_at > uow.now,
                _ROOT.c.portal,
                _has_address(t.sign_in.c.address),
            )
        )
    ).first()
    return Link(*row) if row is not None else None


_SESSION = (
    select(t.portal_session, _ROOT.c.name, _ROOT.c.language, t.task.c.root_id.label("root_task_id"))
    .join(_ROOT, _ROOT.c.id == t.portal_session.c.contact_id)
    .outerjoin(t.task, t.task.c.id == t.portal_session.c.task_id)
)


async def visitor(uow: UnitOfWork, token_hash: str) -> tuple[Visitor, datetime] | None:
    """Who is there by a session, and when they were seen last; None where it has ended."""
    row = (
        await uow.connection.execute(
            _SESSION.where(t.portal_session.c.token_hash == token_hash, _is_alive(uow.now))
        )
    ).first()
    if row is None:
        return None
    cards = frozenset(await uow.connection.scalars(cards_of(row.contact_id)))
    if cards != frozenset(row.cards):
        return None
    actor = ContactActor(cards, row.root_task_id)
    found = Visitor(row.id, row.contact_id, row.name, row.language, row.address, actor)
    return found, row.last_seen_at


async def sessions(uow: UnitOfWork, root_id: int) -> list[PortalSessionRow]:
    """The sessions of a contact that are alive, newest first."""
    cards = sorted(await uow.connection.scalars(cards_of(root_id)))
    rows = await uow.connection.execute(
        _SESSION.where(t.portal_session.c.contact_id == root_id, _is_alive(uow.now)).order_by(
            t.portal_session.c.id.desc()
        )
    )
    return [
        PortalSessionRow(
            row.id, row.contact_id, row.task_id, row.created_at, row.last_seen_at, row.expires_at
        )
        for row in rows
        if sorted(row.cards) == cards
    ]


def _is_alive(now: datetime) -> ColumnElement[bool]:
    """Whether a session goes on, but for the cards of its person."""
    session = t.portal_session.c
    return (
        session.ended_at.is_(None)
        & (session.expires_at > now)
        & _ROOT.c.portal
        & _has_address(session.address)
    )


def _has_address(value: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the address is on a card of the root, and not blocked."""
    card = t.contact.alias("with_address")
    return exists().where(
        t.address.c.contact_id == card.c.id,
        card.c.root_id == _ROOT.c.id,
        t.address.c.value == value,
        t.address.c.blocked_at.is_(None),
        _is_mail(),
    )


def _is_mail() -> ColumnElement[bool]:
    return (t.address.c.scope == 0) & t.address.c.channel.in_(_BY_MAIL)
