"""Agents and contacts' cards; a merged card answers to its old number (R26)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, and_, or_, select

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.read.lists import taskrows
from pfinbox.store.read.visibility import Viewer, known_root, viewer
from pfinbox.store.roots import is_living
from pfinbox.store.rows import AddressRow, AgentRow, ContactRow, PictureRow, TaskRow
from pfinbox.store.search.matching import contains, words_of
from pfinbox.store.uow import UnitOfWork

# Not what is in it.
_PICTURE = (
    t.picture.c.media_type,
    t.picture.c.size,
    t.picture.c.sha256,
    t.picture.c.fetched_at,
)


async def agents(uow: UnitOfWork) -> tuple[AgentRow, ...]:
    """Every agent, deactivated ones too, in the order they were added."""
    deputy = t.agent.alias("deputy")
    rows = await uow.connection.execute(
        select(t.agent, deputy.c.login.label("deputy"))
        .outerjoin(deputy, deputy.c.id == t.agent.c.deputy_id)
        .order_by(t.agent.c.id)
    )
    return tuple(
        AgentRow(
            id=row.id,
            login=row.login,
            name=row.name,
            email=row.email,
            admin=row.admin,
            active=row.active,
            away_until=row.away_until,
            deputy=row.deputy,
            notify_by_mail=row.notify_by_mail,
            public_name=row.public_name,
        )
        for row in rows
    )


async def contact(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> ContactRow:
    """A card with all addresses and, newest first, the tasks that this agent may see."""
    who = await viewer(uow, actor)
    root = await known_root(uow, who, contact_id)
    row = (await uow.connection.execute(select(t.contact).where(t.contact.c.id == root))).one()
    addresses = await addresses_of(uow, [row.id], who)
    return _card(row, addresses[row.id], await _tasks(uow, who, row.id))


async def contacts(
    uow: UnitOfWork, actor: AgentActor, *, query: str = "", limit: int = 200
) -> tuple[ContactRow, ...]:
    """Cards by name, without their tasks; every word of ``query`` must be found on the card."""
    who = await viewer(uow, actor)
    statement = select(t.contact).where(t.contact.c.root_id == t.contact.c.id, who.knows())
    for word in words_of(query):
        merged = t.contact.alias("merged")
        with_address = (
            select(merged.c.root_id)
            .join(t.address, t.address.c.contact_id == merged.c.id)
            .where(
                contains((t.address.c.value, t.address.c.username), word),
                t.address.c.scope.not_in(who.unusable),
            )
        )
        named = contains((t.contact.c.name, t.contact.c.company), word)
        statement = statement.where(or_(named, t.contact.c.id.in_(with_address)))
    statement = statement.order_by(t.contact.c.name, t.contact.c.id).limit(limit)
    rows = (await uow.connection.execute(statement)).all()
    addresses = await addresses_of(uow, [row.id for row in rows], who)
    return tuple(_card(row, addresses[row.id], ()) for row in rows)


async def addresses_of(
    uow: UnitOfWork, roots: Collection[int], who: Viewer
) -> dict[int, list[AddressRow]]:
    """Addresses by root card, those of merged cards too; the main one first.

    What a person is called on a colleague's own account is known there only.
    """
    found: dict[int, list[AddressRow]] = defaultdict(list)
    rows = await uow.connection.execute(
        select(t.address, t.contact.c.root_id, t.account.c.name, *_PICTURE)
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .outerjoin(t.account, and_(t.address.c.scope > 0, t.account.c.id == t.address.c.scope))
        .outerjoin(t.picture, t.picture.c.address_id == t.address.c.id)
        .where(t.contact.c.root_id.in_(roots), t.address.c.scope.not_in(who.unusable))
        .order_by(t.address.c.main.desc(), t.address.c.id)
    )
    for row in rows:
        found[row.root_id].append(
            AddressRow(
                id=row.id,
                channel=row.channel,
                account=row.name,
                value=row.value,
                username=row.username,
                main=row.main,
                duplicate=row.duplicate,
                blocked=row.blocked_at is not None,
                picture=(
                    PictureRow(row.media_type, row.size, row.sha256, row.fetched_at)
                    if row.media_type
                    else None
                ),
            )
        )
    return found


async def picture(
    uow: UnitOfWork, actor: AgentActor, contact_id: int, address_id: int | None = None
) -> tuple[PictureRow, bytes]:
    """The picture of a person at an address of the card, by default at the first that has one.

    NotFound where there is none that this agent may see.
    """
    who = await viewer(uow, actor)
    root = await known_root(uow, who, contact_id)
    for row in (await addresses_of(uow, [root], who))[root]:
        if row.picture is not None and address_id in (None, row.id):
            query = select(t.picture.c.content).where(t.picture.c.address_id == row.id)
            return row.picture, bytes(await uow.connection.scalar(query) or b"")
    raise NotFound(_("there is no picture of contact {id}").format(id=contact_id))


async def _tasks(uow: UnitOfWork, who: Viewer, root: int) -> list[TaskRow]:
    """All tasks of the contact but trash; one that was merged counts as its survivor."""
    origin = t.task.alias("origin")
    theirs = (
        select(origin.c.root_id)
        .join(t.contact, t.contact.c.id == origin.c.contact_id)
        .where(t.contact.c.root_id == root)
    )
    ids = await uow.connection.scalars(
        select(t.task.c.id)
        .where(
            t.task.c.id.in_(theirs),
            is_living(t.task),
            who.sees(),
        )
        .order_by(t.task.c.last_activity_at.desc(), t.task.c.id.desc())
    )
    return await taskrows.load(uow, who, list(ids))


def _card(row: Row[Any], addresses: Sequence[AddressRow], tasks: Sequence[TaskRow]) -> ContactRow:
    return ContactRow(
        id=row.id,
        name=row.name,
        company=row.company,
        notes=row.notes,
        selectable=row.selectable,
        portal=row.portal,
        addresses=tuple(addresses),
        tasks=tuple(tasks),
        merged_into_id=row.merged_into_id,
    )


async def cards_within(uow: UnitOfWork, contact_id: int) -> tuple[tuple[int, str], ...]:
    """Numbers and names of the cards merged into ``contact_id``, the last one first (R26)."""
    asked = t.contact.alias("asked")
    rows = await uow.connection.execute(
        select(t.contact.c.id, t.contact.c.name)
        .join(asked, asked.c.root_id == t.contact.c.root_id)
        .where(asked.c.id == contact_id, t.contact.c.id != t.contact.c.root_id)
        .order_by(t.contact.c.id.desc())
    )
    return tuple((row.id, row.name) for row in rows)
