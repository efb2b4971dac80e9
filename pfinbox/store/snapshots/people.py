"""Agents and contacts, and everything that a plan for them needs."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Select, bindparam, select

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Address, Agent, Chat, Contact, Who
from pfinbox.domain.outbound.planning.delivery_plan import People
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.snapshots.accounts import accounts, setting
from pfinbox.store.task_statements import chats
from pfinbox.store.uow import UnitOfWork

# Read by nearly every use case, so they are put together once.
_IDS: Any = bindparam("ids", expanding=True)
_EVERY_AGENT: Select[Any] = select(t.agent)
_AGENTS = _EVERY_AGENT.where(t.agent.c.id.in_(_IDS))
_CARDS = select(t.contact).where(t.contact.c.id.in_(_IDS))
_ADDRESSES = (
    select(t.address, t.contact.c.root_id)
    .join(t.contact, t.contact.c.id == t.address.c.contact_id)
    .where(t.contact.c.root_id.in_(_IDS))
    .order_by(t.address.c.id)
)
_CHATS = chats().where(t.contact.c.root_id.in_(_IDS)).order_by(t.chat.c.id)
_CONTACT_ROOT = select(t.contact.c.root_id).where(t.contact.c.id == bindparam("id"))


async def agents(uow: UnitOfWork, ids: Collection[int] | None = None) -> dict[int, Agent]:
    if ids is None:
        rows = await uow.connection.execute(_EVERY_AGENT)
    else:
        rows = await uow.connection.execute(_AGENTS, {"ids": list(ids)})
    return {row.id: agent_of(row) for row in rows}


def agent_of(row: Row[Any]) -> Agent:
    return Agent(
        id=row.id,
        login=row.login,
        name=row.name,
        public_name=row.public_name,
        email=row.email,
        admin=row.admin,
        active=row.active,
        away_until=row.away_until,
        deputy_id=row.deputy_id,
        notify_by_mail=row.notify_by_mail,
    )


async def contacts(uow: UnitOfWork, ids: Collection[int]) -> dict[int, Contact]:
    """Cards by their root's id, with the addresses and chats of all cards merged into them."""
    if not ids:
        return {}
    c, wanted = uow.connection, {"ids": list(ids)}
    roots = await c.execute(_CARDS, wanted)
    addresses = await c.execute(_ADDRESSES, wanted)
    by_root: dict[int, list[Address]] = defaultdict(list)
    for row in addresses:
        by_root[row.root_id].append(
            Address(
                id=row.id,
                channel=row.channel,
                scope=row.scope,
                value=row.value,
                username=row.username,
                main=row.main,
                blocked=row.blocked_at is not None,
                bounced=row.bounced_at is not None,
                duplicate=row.duplicate,
            )
        )
    by_contact: dict[int, list[Chat]] = defaultdict(list)
    rows = await c.execute(_CHATS, wanted)
    for row in rows:
        by_contact[row.root_id].append(chat_of(row, own=False))
    return {
        row.id: Contact(
            id=row.id,
            name=row.name,
            addresses=tuple(by_root[row.id]),
            selectable=row.selectable,
            chats=tuple(by_contact[row.id]),
        )
        for row in roots
    }


def chat_of(row: Any, *, own: bool, aside: bool = False, invited: bool = False) -> Chat:
    return Chat(
        id=row.id,
        account_id=row.account_id,
        key=row.key,
        contact_id=row.root_id,
        address=row.address or "",
        answer_to=row.answer_to,
        left_address=row.left_address,
        writable=row.writable,
        state_reason=Reason.from_json(row.state_reason) if row.state_reason else None,
        blocked=row.blocked_at is not None,
        last_incoming_at=row.last_incoming_at,
        subject=row.subject,
        own=own,
        aside=aside,
        invited=invited,
        outside=row.outside,
        open_task_id=row.open_task_id,
        open_task_of=row.open_task_of,
    )


async def contact_root(uow: UnitOfWork, contact_id: int) -> int:
    root = await uow.connection.scalar(_CONTACT_ROOT, {"id": contact_id})
    if root is None:
        raise NotFound(_("there is no contact {id}").format(id=contact_id))
    return int(root)


async def people(uow: UnitOfWork, who: Sequence[Who]) -> People:
    """Everything a plan for these recipients needs; unknown ones raise NotFound."""
    contact_ids = {w.id for w in who if w.kind == "contact"}
    agent_ids = {w.id for w in who if w.kind == "agent"}
    found_contacts = await contacts(uow, contact_ids)
    found_agents = await agents(uow, agent_ids)
    for missing in contact_ids - set(found_contacts):
        raise NotFound(_("there is no contact {id}").format(id=missing))
    for missing in agent_ids - set(found_agents):
        raise NotFound(_("there is no agent {id}").format(id=missing))
    known = await accounts(uow)
    name = (await setting(uow, "inbox") or {}).get("mail_account")
    mail = next((account.id for account in known.values() if account.name == name), None)
    return People(found_contacts, found_agents, known, mail, uow.now)
