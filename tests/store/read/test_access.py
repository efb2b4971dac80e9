"""Who sees, uses and knows what is the same in SQL and in the domain (R10, R46)."""

from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pfinbox.domain import access as rules
from pfinbox.domain.access import AccountAccess, Acquaintance
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Task
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.read.visibility import colleagues, viewer
from pfinbox.store.uow import UnitOfWork
from tests.store.seed import NOW, Seed

AGENTS, ACCOUNTS, CONTACTS, TASKS = (1, 2, 3), (1, 2, 3), (1, 2, 3, 4), (1, 2, 3, 4, 5)
agents, contacts = st.sampled_from(AGENTS), st.sampled_from(CONTACTS)
accounts = st.sampled_from(ACCOUNTS)


@dataclass(frozen=True)
class World:
    """Rows of a small company; agent 1 is an admin."""

    accounts: list[dict[str, Any]]
    served: set[tuple[int, int]]
    contacts: list[dict[str, Any]]
    chats: set[tuple[int, int]]
    tasks: list[dict[str, Any]]
    participants: list[dict[str, Any]]

    def rows(self) -> list[tuple[Any, list[dict[str, Any]]]]:
        who = [
            {"id": i, "login": f"a{i}", "name": f"A{i}", "admin": i == 1, "created_at": NOW}
            for i in AGENTS
        ]
        serving = [{"account_id": account, "agent_id": agent} for account, agent in self.served]
        chats = [
            {"account_id": account, "contact_id": contact, "key": str(contact), "created_at": NOW}
            for account, contact in self.chats
        ]
        return [
            (t.agent, who),
            (t.account, self.accounts),
            (t.account_agent, serving),
            (t.contact, self.contacts),
            (t.chat, chats),
            (t.task, self.tasks),
            (t.participant, self.participants),
        ]


@st.composite
def roots(draw: st.DrawFn, ids: tuple[int, ...]) -> dict[int, int]:
    """Some merged into others that stand before them."""
    found: dict[int, int] = {}
    for one in ids:
        before = [other for other in found if found[other] == other]
        into = draw(st.none() | st.sampled_from(before)) if before else None
        found[one] = into or one
    return found


@st.composite
def worlds(draw: st.DrawFn) -> World:
    named = st.tuples(st.sampled_from(TASKS), st.none() | agents, contacts)
    cards, origins = draw(roots(CONTACTS)), draw(roots(TASKS))
    return World(
        accounts=[
            {
                "id": i,
                "name": f"account{i}",
                "channel": "email",
                "limits": {},
                "new_task_after_close": "true",
                "role": draw(st.sampled_from(["shared", "personal"])),
                "owner_id": draw(st.none() | agents),
                "awaits": draw(st.sampled_from([None, {"owner": None, "agents": ["zoe"]}])),
            }
            for i in ACCOUNTS
        ],
        served=draw(st.sets(st.tuples(accounts, agents), max_size=3)),
        contacts=[
            {
                "id": i,
                "name": f"C{i}",
                "root_id": cards[i],
                "merged_into_id": None if cards[i] == i else cards[i],
                "selectable": draw(st.integers(0, 4)) == 4,
                "account_id": draw(st.none() | accounts | accounts),
                "created_at": NOW,
            }
            for i in CONTACTS
        ],
        chats=draw(st.sets(st.tuples(accounts, contacts), max_size=3)),
        tasks=[
            {
                "id": i,
                "title": "A question",
                "status": "new",
                "active": True,
                "root_id": origins[i],
                "merged_into_id": None if origins[i] == i else origins[i],
                "contact_id": draw(st.none() | contacts),
                "account_id": draw(st.none() | accounts | accounts),
                "private_to_id": draw(st.none() | agents),
                "assignee_agent_id": draw(st.none() | agents),
                "assignee_contact_id": draw(st.none() | contacts),
                "deleted_at": draw(st.sampled_from([None, NOW])),
                # Only roots are purged, with all that is merged into them.
                "purged_at": draw(st.sampled_from([None, None, NOW])) if origins[i] == i else None,
                "created_at": NOW,
                "last_activity_at": NOW,
            }
            for i in TASKS
        ],
        participants=[
            {"task_id": task, "agent_id": agent, "contact_id": None if agent else contact}
            for task, agent, contact in draw(st.lists(named, max_size=4))
        ],
    )


several = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def access_of(uow: UnitOfWork, task: Task) -> AccountAccess | None:
    if task.account_id is None:
        return None
    return await snapshots.account_access(uow, task.account_id)


async def living_roots(uow: UnitOfWork) -> list[Task]:
    found = await uow.connection.scalars(
        select(t.task.c.id).where(t.task.c.merged_into_id.is_(None), t.task.c.purged_at.is_(None))
    )
    return [await snapshots.task(uow, i) for i in found.all()]


@several
@given(worlds())
async def test_r10_both_say_the_same_of_every_agent_and_task(seed: Seed, world: World) -> None:
    async with seed.holding(*world.rows()) as uow:
        who = await snapshots.agents(uow)
        tasks = [(task, await access_of(uow, task)) for task in await living_roots(uow)]
        expected = {
            (agent.id, task.id)
            for agent in who.values()
            for task, account in tasks
            if rules.may_see(agent, task, account)
        }
        ids = [task.id for task, _account in tasks]
        seen: set[tuple[int, int]] = set()
        for agent_id in AGENTS:
            sees = (await viewer(uow, AgentActor(agent_id))).sees()
            query = select(t.task.c.id).where(t.task.c.id.in_(ids), sees)
            seen |= {(agent_id, i) for i in await uow.connection.scalars(query)}
        assert seen == expected
        offered: set[tuple[int, int]] = set()
        for i in ids:
            query = select(t.agent.c.id).where(await colleagues(uow, i))
            offered |= {(agent_id, i) for agent_id in await uow.connection.scalars(query)}
        assert offered == expected


@several
@given(worlds())
async def test_r46_both_say_the_same_of_every_agent_and_account(seed: Seed, world: World) -> None:
    async with seed.holding(*world.rows()) as uow:
        known = {i: await snapshots.account_access(uow, i) for i in ACCOUNTS}
        for agent in (await snapshots.agents(uow)).values():
            who = await viewer(uow, AgentActor(agent.id))
            used = set(await uow.connection.scalars(select(t.account.c.id).where(who.uses())))
            assert used == {i for i in ACCOUNTS if rules.may_use(agent, known[i])}
            closed = {i for i in ACCOUNTS if not rules.serves(agent, known[i])}
            assert set(who.closed_accounts) == closed


@several
@given(worlds())
async def test_r46_both_say_the_same_of_every_agent_and_contact(seed: Seed, world: World) -> None:
    async with seed.holding(*world.rows()) as uow:
        cards = {
            row["id"]: await acquaintance(uow, world, row["id"])
            for row in world.contacts
            if row["root_id"] == row["id"]
        }
        for agent in (await snapshots.agents(uow)).values():
            who = await viewer(uow, AgentActor(agent.id))
            query = select(t.contact.c.id).where(t.contact.c.id.in_(cards), who.knows())
            known = set(await uow.connection.scalars(query))
            assert known == {i for i, card in cards.items() if rules.knows(agent, card)}


async def acquaintance(uow: UnitOfWork, world: World, root_id: int) -> Acquaintance:
    members = [row for row in world.contacts if row["root_id"] == root_id]
    ids = {row["id"] for row in members}
    by = {row["account_id"] for row in members} - {None}
    by |= {account for account, contact in world.chats if contact in ids}
    with_them = {
        row["root_id"]
        for row in world.tasks
        if ids & {row["contact_id"], row["assignee_contact_id"]}
    }
    root_of = {row["id"]: row["root_id"] for row in world.tasks}
    with_them |= {root_of[row["task_id"]] for row in world.participants if row["contact_id"] in ids}
    return Acquaintance(
        selectable=members[0]["selectable"],
        by_hand=any(row["account_id"] is None for row in members),
        accounts=tuple([await snapshots.account_access(uow, i) for i in by]),
        tasks=tuple(
            [
                (task, await access_of(uow, task))
                for task in await living_roots(uow)
                if task.id in with_them
            ]
        ),
    )
