"""Reading what a rule looks at: rows become the frozen snapshots of ``domain.model``.

Every function costs a constant number of statements, however many ids it gets.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select

from pfinbox.domain.access import AccountAccess
from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Address, Agent, Chat, Contact, Task, Who
from pfinbox.domain.outbound.delivery_plan import People
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import locks
from pfinbox.store import tables as t
from pfinbox.store.task_statements import BOUND, ROOT_BY_CHAT, ROOT_BY_ID, chats
from pfinbox.store.uow import UnitOfWork


async def accounts(uow: UnitOfWork) -> dict[int, Account]:
    rows = await uow.connection.execute(_ACCOUNTS)
    return {row.id: account_of(row) for row in rows}


def account_of(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        channel=row.channel,
        capabilities=Capability(row.capabilities),
        limits=Limits(**row.limits),
        role=row.role,
        owner_id=row.owner_id,
        configured=row.configured,
        state=health(row)[0],
        new_task_after_close=row.new_task_after_close,
        label=row.label,
        invite_link=row.invite_link,
        acknowledgement=row.acknowledgement,
        contact_notices_by_mail=row.contact_notices_by_mail,
        addresses=tuple(row.addresses or ()),
    )


def health(row: Row[Any]) -> tuple[str, Reason | None]:
    """How an account does: what keeps it from sending counts while nothing else is wrong."""
    told = row.state, row.detail
    if row.send_state != "ok" and row.state not in ("retrying", "failed", "off"):
        told = row.send_state, row.send_detail
    state, detail = told
    return state, Reason.from_json(detail) if detail else None


async def account_access(uow: UnitOfWork, account_id: int) -> AccountAccess:
    """Whose the account is (R10)."""
    rows = (await uow.connection.execute(_ACCOUNT_ACCESS, {"id": account_id})).all()
    return AccountAccess(
        id=account_id,
        personal=rows[0].role == "personal",
        owner_id=rows[0].owner_id,
        agent_ids=frozenset(row.agent_id for row in rows if row.agent_id is not None),
        awaits=rows[0].awaits is not None,
    )


async def agents(uow: UnitOfWork, ids: Collection[int] | None = None) -> dict[int, Agent]:
    query = select(t.agent)
    if ids is not None:
        query = query.where(t.agent.c.id.in_(ids))
    rows = await uow.connection.execute(query)
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


# Read by nearly every use case, so they are put together once.
_ACCOUNTS = select(t.account).order_by(t.account.c.id)
_ACCOUNT_ACCESS = (
    select(t.account.c.role, t.account.c.owner_id, t.account.c.awaits, t.account_agent.c.agent_id)
    .outerjoin(t.account_agent, t.account_agent.c.account_id == t.account.c.id)
    .where(t.account.c.id == bindparam("id"))
)
_IDS: Any = bindparam("ids", expanding=True)
_CARDS = select(t.contact).where(t.contact.c.id.in_(_IDS))
_ADDRESSES = (
    select(t.address, t.contact.c.root_id)
    .join(t.contact, t.contact.c.id == t.address.c.contact_id)
    .where(t.contact.c.root_id.in_(_IDS))
    .order_by(t.address.c.id)
)
_CHATS = chats().where(t.contact.c.root_id.in_(_IDS)).order_by(t.chat.c.id)
_SETTING = select(t.setting.c.value).where(t.setting.c.name == bindparam("name"))
_CONTACT_ROOT = select(t.contact.c.root_id).where(t.contact.c.id == bindparam("id"))
_TASK_ROOT = select(t.task.c.root_id).where(
    t.task.c.id == bindparam("id"), t.task.c.purged_at.is_(None)
)


async def task_root(uow: UnitOfWork, task_id: int) -> int:
    """A merged task answers to its old number everywhere: the id that reads and writes use."""
    root = await uow.connection.scalar(_TASK_ROOT, {"id": task_id})
    if root is None:
        raise NotFound(_("there is no task #{id}").format(id=task_id))
    return int(root)


async def contact_root(uow: UnitOfWork, contact_id: int) -> int:
    root = await uow.connection.scalar(_CONTACT_ROOT, {"id": contact_id})
    if root is None:
        raise NotFound(_("there is no contact {id}").format(id=contact_id))
    return int(root)


async def task(uow: UnitOfWork, task_id: int, *, lock: bool = False) -> Task:
    """The root of ``task_id`` with its chats and participants; NotFound when there is none.

    ``lock``: other writers of this task and of its chats wait until this transaction ends.
    """
    while True:
        if lock:
            await locks.tasks(uow, [task_id])
        row = (await uow.connection.execute(ROOT_BY_ID, {"id": task_id})).one_or_none()
        if row is None:
            raise NotFound(_("there is no task #{id}").format(id=task_id))
        # Who waited for the lock finds the task merged into another one meanwhile.
        if not lock or locks.holds(uow, row.id):
            return await _whole(uow, row)


async def task_of_chat(uow: UnitOfWork, chat_id: int) -> Task | None:
    """The task that takes a chat's messages now, resolved through merges; it and all are locked."""
    await locks.chats(uow, [chat_id])
    while True:
        row = (await uow.connection.execute(ROOT_BY_CHAT, {"id": chat_id})).one_or_none()
        if row is None:
            return None
        if locks.holds(uow, row.id):
            return await _whole(uow, row)
        await locks.tasks(uow, [row.id])


async def _whole(uow: UnitOfWork, row: Row[Any]) -> Task:
    bound = (await uow.connection.execute(BOUND, {"root": row.id})).all()
    used = {chat.id for chat in bound if not chat.aside or chat.used}
    found: dict[int, Chat] = {}
    for chat in bound:
        if chat.id not in found or chat.task_id == row.id:
            own = chat.invited or (chat.task_id == row.id and not chat.aside)
            found[chat.id] = chat_of(chat, own=own, aside=chat.id not in used, invited=chat.invited)
    return task_of(row, _who(row), tuple(found.values()), _participants(row.participants))


def root_of(row: Row[Any]) -> Task:
    """A root as its statement reads it, without its chats."""
    return task_of(row, _who(row), (), _participants(row.participants))


def _participants(joined: str | None) -> tuple[Who, ...]:
    """In the order in which they came; who takes part in several merged tasks, once."""
    rows = sorted(
        (int(at), kind, int(one))
        for at, kind, one in (line.split() for line in (joined or "").splitlines())
    )
    return tuple(
        dict.fromkeys(Who("agent" if kind == "agent" else "contact", one) for _n, kind, one in rows)
    )


def _who(row: Row[Any]) -> tuple[int | None, Who | None]:
    if row.assignee_agent_id is not None:
        return row.client_id, Who("agent", row.assignee_agent_id)
    if row.assigned_id is not None:
        return row.client_id, Who("contact", row.assigned_id)
    return row.client_id, None


def task_of(
    row: Row[Any],
    who: tuple[int | None, Who | None],
    chats: tuple[Chat, ...] = (),
    people: tuple[Who, ...] = (),
) -> Task:
    contact_id, assignee = who
    return Task(
        id=row.id,
        title=row.title,
        status=row.status,
        active=row.active,
        contact_id=contact_id,
        account_id=row.account_id,
        reply_via=row.reply_via,
        assignee=assignee,
        participants=people,
        chats=chats,
        spam=row.spam,
        private_to_id=row.private_to_id,
        deleted_at=row.deleted_at,
        purged_at=row.purged_at,
        closed_at=row.closed_at,
        snoozed_until=row.snoozed_until,
        waiting_since=row.waiting_since,
        previous_task_id=row.previous_task_id,
        last_notable_id=row.last_notable_id,
        last_activity_at=row.last_activity_at,
        last_line=row.last_line,
        last_direction=row.last_direction,
    )


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


async def setting(uow: UnitOfWork, name: str) -> Any:
    """A value from the store's settings, None when it was never set."""
    return await uow.connection.scalar(_SETTING, {"name": name})
