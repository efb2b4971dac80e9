"""Who can be chosen in a task, and by which ways they are reached (R13, R16, R17, R28)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, or_, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.read.conversations import chats, participants
from pfinbox.store.read.names import agent_person, contact_person
from pfinbox.store.read.people import addresses_of
from pfinbox.store.read.visibility import Viewer, accounts_of, colleagues, viewer, visible_root
from pfinbox.store.rows import Choices, Details, Person
from pfinbox.store.uow import UnitOfWork

# Cards with the switch "can be chosen in tasks" (R28): partners and suppliers, not a mailing list.
MAX_SELECTABLE = 200


async def choices(uow: UnitOfWork, actor: AgentActor, task_id: int) -> Choices:
    """The client first, then the other contacts, then the other agents who see the task."""
    who = await viewer(uow, actor)
    root = await visible_root(uow, who, task_id)
    people = await _contacts(uow, root)
    agents = await uow.connection.execute(
        select(t.agent)
        .where(t.agent.c.active, t.agent.c.id != actor.id, await colleagues(uow, root))
        .order_by(t.agent.c.name, t.agent.c.id)
    )
    accounts = (
        await uow.connection.execute(
            select(t.account)
            .where(t.account.c.configured, or_(who.uses(), accounts_of(root)))
            .order_by(t.account.c.position)
        )
    ).all()
    mailing = [row for row in accounts if row.capabilities & Capability.GLOBAL_ADDRESSES]
    channels = {row.channel for row in mailing}
    addresses = {
        contact_id: tuple(one.value for one in found if one.channel in channels and not one.blocked)
        for contact_id, found in (await addresses_of(uow, [p.id for p in people], who)).items()
    }
    addresses = {contact_id: values for contact_id, values in addresses.items() if values}
    reached = await _reached_by_chat(uow, root, people)
    if addresses:
        reached |= {row.name for row in mailing}
    return Choices(
        people=(*people, *(agent_person(row.id, row.name, row.login) for row in agents)),
        addresses=addresses,
        accounts=tuple(row.name for row in accounts if row.name in reached),
        reply_via=await _reply_via(uow, root),
    )


async def team(uow: UnitOfWork, actor: AgentActor, task_id: int) -> tuple[Person, ...]:
    """Who can come into a task: every agent, as it is shared with whoever does (R10), and cards
    with the switch (R28).
    """
    await visible_root(uow, await viewer(uow, actor), task_id)
    agents = await uow.connection.execute(
        select(t.agent).where(t.agent.c.active).order_by(t.agent.c.name, t.agent.c.id)
    )
    people = (agent_person(row.id, row.name, row.login) for row in agents)
    return (*people, *await _selectable(uow))


async def details(
    uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]
) -> dict[int, Details]:
    """Of each of these tasks; NotFound when one of them is not the agent's to see."""
    who = await viewer(uow, actor)
    root, client = t.task.alias("root"), t.contact.alias("client")
    rows = await uow.connection.execute(
        select(
            t.task.c.id, t.task.c.root_id, root.c.reply_via, root.c.account_id,
            client.c.root_id.label("client_id"),
        )
        .join(root, root.c.id == t.task.c.root_id)
        .outerjoin(client, client.c.id == root.c.contact_id)
        .where(t.task.c.id.in_(task_ids), root.c.purged_at.is_(None), who.sees(root))
    )  # fmt: skip
    found = {row.id: row for row in rows}
    for task_id in task_ids:
        if task_id not in found:
            raise NotFound(_("there is no task #{id}").format(id=task_id))
    roots = {row.root_id for row in found.values()}
    people = await participants(uow, sorted(roots))
    clients = {row.client_id for row in found.values() if row.client_id is not None}
    ways = await _ways(uow, who, roots, clients)
    return {
        i: Details(
            people.get(row.root_id, ()),
            row.reply_via,
            ways.to(row.root_id, row.client_id, row.account_id),
        )
        for i, row in found.items()
    }


@record
class _Ways:
    """By what the clients of some tasks can be reached."""

    accounts: tuple[Row[Any], ...]
    # Of each task and each client: chats and their accounts.
    bound: dict[int, set[tuple[int, int]]]
    chats: dict[int, set[tuple[int, int]]]
    # Of each client, the channels of their addresses.
    addresses: dict[int, set[str]]
    unusable: tuple[int, ...]

    def to(self, root_id: int, client_id: int | None, account_id: int | None) -> tuple[str, ...]:
        """The accounts by which this client can be written to in this task."""
        if client_id is None:
            return ()
        bound, chats = self.bound.get(root_id, set()), self.chats.get(client_id, set())
        mine = {account_id, *(account for _chat, account in bound)}
        channels = self.addresses.get(client_id, set())

        def reached(account: Row[Any]) -> bool:
            if account.capabilities & Capability.GLOBAL_ADDRESSES and account.channel in channels:
                return True
            # An e-mail thread of another task is none of this one's.
            threads = account.capabilities & Capability.THREADS
            return any(one == account.id for _c, one in (chats & bound if threads else chats))

        usable = (one for one in self.accounts if one.id in mine or one.id not in self.unusable)
        return tuple(account.name for account in usable if reached(account))


async def _ways(uow: UnitOfWork, who: Viewer, roots: set[int], clients: set[int]) -> _Ways:
    connection = uow.connection
    accounts = await connection.execute(
        select(t.account).where(t.account.c.configured).order_by(t.account.c.position)
    )
    bound: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for row in await connection.execute(
        select(t.task.c.root_id, t.chat.c.id, t.chat.c.account_id)
        .join(t.binding, t.binding.c.task_id == t.task.c.id)
        .join(t.chat, t.chat.c.id == t.binding.c.chat_id)
        .where(t.task.c.root_id.in_(roots))
    ):
        bound[row.root_id].add((row.id, row.account_id))
    chats: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for row in await connection.execute(
        select(t.contact.c.root_id, t.chat.c.id, t.chat.c.account_id)
        .join(t.chat, t.chat.c.contact_id == t.contact.c.id)
        .where(t.contact.c.root_id.in_(clients))
    ):
        chats[row.root_id].add((row.id, row.account_id))
    addresses = {
        contact_id: {one.channel for one in held if not one.blocked}
        for contact_id, held in (await addresses_of(uow, clients, who)).items()
    }
    return _Ways(tuple(accounts), bound, chats, addresses, who.unusable)


async def _reply_via(uow: UnitOfWork, root: int) -> str:
    query = select(t.task.c.reply_via).where(t.task.c.id == root)
    return str(await uow.connection.scalar(query))


async def _contacts(uow: UnitOfWork, root: int) -> list[Person]:
    card, written = t.contact.alias("card"), t.contact.alias("written")

    task = (
        await uow.connection.execute(
            select(t.task.c.contact_id, t.task.c.assignee_contact_id).where(t.task.c.id == root)
        )
    ).one()
    named = [i for i in (task.contact_id, task.assignee_contact_id) if i is not None]
    by_written = await uow.connection.execute(
        select(card.c.id, card.c.name, written.c.id.label("written_id"))
        .join(written, written.c.root_id == card.c.id)
        .where(written.c.id.in_(named))
    )
    found = {row.written_id: contact_person(row.id, row.name) for row in by_written}
    people = [found[i] for i in named]
    people += [
        one for one in (await participants(uow, [root])).get(root, ()) if one.kind == "contact"
    ]
    return list(dict.fromkeys((*people, *await _selectable(uow))))


async def _selectable(uow: UnitOfWork) -> list[Person]:
    card = t.contact
    rows = await uow.connection.execute(
        select(card.c.id, card.c.name)
        .where(card.c.selectable, card.c.root_id == card.c.id)
        .order_by(card.c.name, card.c.id)
        .limit(MAX_SELECTABLE)
    )
    return [contact_person(row.id, row.name) for row in rows]


async def _reached_by_chat(uow: UnitOfWork, root: int, people: list[Person]) -> set[str]:
    """Accounts of the contacts' chats, without e-mail threads of other tasks."""
    mine = {chat.id for chat in (await chats(uow, [root])).get(root, ())}
    rows = await uow.connection.execute(
        select(t.chat.c.id, t.account.c.name, t.account.c.capabilities)
        .join(t.account, t.account.c.id == t.chat.c.account_id)
        .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
        .where(t.contact.c.root_id.in_([p.id for p in people]), t.account.c.configured)
        .distinct()
    )
    return {row.name for row in rows if row.id in mine or not row.capabilities & Capability.THREADS}
