"""Whom the notify picker offers in one task, and by which ways (R13, R16, R17)."""

from sqlalchemy import or_, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.store import tables as t
from pfinbox.store.read.conversations import chats, participants
from pfinbox.store.read.names import agent_person, contact_person
from pfinbox.store.read.people import addresses_of
from pfinbox.store.read.visibility import accounts_of, colleagues, viewer, visible_root
from pfinbox.store.rows import Choices, Person, Team
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


async def team(uow: UnitOfWork, actor: AgentActor, task_id: int) -> Team:
    """Every agent, as a task is shared with whoever comes into it (R10), and cards (R28)."""
    root = await visible_root(uow, await viewer(uow, actor), task_id)
    agents = await uow.connection.execute(
        select(t.agent).where(t.agent.c.active).order_by(t.agent.c.name, t.agent.c.id)
    )
    return Team(
        participants=(await participants(uow, [root])).get(root, ()),
        people=(
            *(agent_person(row.id, row.name, row.login) for row in agents),
            *await _selectable(uow),
        ),
    )


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
