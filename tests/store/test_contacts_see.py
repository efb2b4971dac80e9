"""What contacts are shown is what the domain says of what was written and sent (R37-R39)."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pfinbox.domain import visibility as rules
from pfinbox.domain.actor import AgentActor, ContactActor
from pfinbox.domain.model import Who
from pfinbox.domain.outbound.delivery import State
from pfinbox.domain.visibility import SETTINGS, Entry, Reader
from pfinbox.errors import NotFound
from pfinbox.services.people import portal_view
from pfinbox.store import tables as t
from pfinbox.store.read import portal
from pfinbox.store.read.portal import candidates
from pfinbox.store.read.portal.sight import sight
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork
from tests.store.seed import NOW, Seed

CONTACTS, TASKS, COMMENTS = (1, 2, 3, 4), (1, 2, 3), (1, 2, 3, 4, 5)
# Card 4 is merged into card 1, task 3 into task 1.
ROOT_OF, ROOT_TASK = {1: 1, 2: 2, 3: 3, 4: 1}, {1: 1, 2: 2, 3: 1}
OWNER, COLLEAGUE = 1, 2
contacts, agents = st.sampled_from(CONTACTS), st.sampled_from([OWNER, COLLEAGUE])
tasks, comments = st.sampled_from(TASKS), st.sampled_from(COMMENTS)
seldom = st.integers(0, 6).map(lambda number: number == 6)


@dataclass(frozen=True)
class World:
    general: str | None
    cards: dict[int, tuple[str | None, str | None]]
    clients: dict[int, int | None]
    private: dict[int, bool]
    assignees: dict[int, int | None]
    in_trash: dict[int, bool]
    # Task, agent or contact, whether an agent added them.
    participants: list[tuple[int, Who, bool]]
    # Task, author, hidden, deleted.
    said: dict[int, tuple[int, int | None, bool, bool]]
    chosen: set[tuple[int, int]]
    # Comment, contact, state, whether it is a notice to an agent.
    shares: list[tuple[int, int | None, State, bool]]

    def rows(self) -> list[tuple[Any, list[dict[str, Any]]]]:
        at = {"created_at": NOW}
        mailbox = {"channel": "email", "limits": {}, "new_task_after_close": "true"}
        status = {"status": "new", "active": True, "last_activity_at": NOW}
        inbox = {"contacts_see": self.general} if self.general else {}
        return [
            (t.setting, [{"name": "inbox", "value": inbox}]),
            (
                t.agent,
                [{"id": i, "login": str(i), "name": str(i), **at} for i in (OWNER, COLLEAGUE)],
            ),
            (t.account, [{"id": 1, "name": "support", **mailbox}]),
            (
                t.contact,
                [
                    {
                        "id": i,
                        "name": str(i),
                        "root_id": root,
                        "merged_into_id": None if root == i else root,
                        "company": self.cards[i][0],
                        "contacts_see": self.cards[i][1],
                        "portal": True,
                        **at,
                    }
                    for i, root in ROOT_OF.items()
                ],
            ),
            (
                t.task,
                [
                    {
                        "id": i,
                        "root_id": root,
                        "merged_into_id": None if root == i else root,
                        "contact_id": self.clients[i],
                        "private_to_id": OWNER if self.private[i] else None,
                        "assignee_agent_id": self.assignees[i],
                        "deleted_at": NOW if self.in_trash[i] else None,
                        "title": f"Q{i}",
                        **status,
                        **at,
                    }
                    for i, root in ROOT_TASK.items()
                ],
            ),
            (
                t.participant,
                [
                    {
                        "task_id": task,
                        "agent_id": who.id if who.kind == "agent" else None,
                        "contact_id": who.id if who.kind == "contact" else None,
                        "let_in": let_in,
                    }
                    for task, who, let_in in self.participants
                ],
            ),
            (
                t.comment,
                [
                    {
                        "id": i,
                        "task_id": task,
                        "direction": "incoming" if author else "outgoing",
                        "contact_id": author,
                        "text": f"said{i}",
                        "hidden": hidden,
                        "quote_id": i - 1 or None,
                        "deleted_at": NOW if deleted else None,
                        **at,
                    }
                    for i, (task, author, hidden, deleted) in sorted(self.said.items())
                ],
            ),
            (t.blob, [{"sha256": "b", "size": 5, "content": b"bytes"}]),
            (
                t.attachment,
                [
                    {
                        "id": i,
                        "comment_id": i,
                        "name": f"f{i}",
                        "media_type": "a/b",
                        "size": 5,
                        "sha256": "b",
                    }
                    for i in COMMENTS
                ],
            ),
            (t.notify, [{"comment_id": i, "contact_id": contact} for i, contact in self.chosen]),
            (
                t.delivery,
                [
                    {
                        "comment_id": i,
                        "contact_id": contact,
                        "account_id": 1,
                        "address": "",
                        "state": state,
                        "due_at": NOW,
                        "notice": "news" if notice else None,
                    }
                    for i, contact, state, notice in self.shares
                ],
            ),
        ]

    def shown(self, contact_id: int, setting: str | None) -> dict[int, tuple[bool, str]]:
        """Comments of the contact's living tasks, each with whether it is shown and why."""
        company, override = self.cards[contact_id]
        same = {i for i, root in ROOT_OF.items() if i == root and self.cards[i][0] == company}
        reader = Reader(
            contact_id,
            frozenset({contact_id} | (same if company else set())),
            setting or override,
        )
        found: dict[int, tuple[bool, str]] = {}
        for i, (task_id, *_rest) in self.said.items():
            root = ROOT_TASK[task_id]
            client = {ROOT_OF[one] for one in (self.clients[root],) if one}
            everyone = client | self._people(root)
            # With "company" colleagues' tasks are theirs, too.
            wider = reader.override or self.general or rules.DEFAULT
            whose = reader.company if wider == "company" else {contact_id}
            if self.in_trash[root] or not everyone & whose:
                continue
            themselves = everyone - client - self._people(root, let_in=True)
            shown = rules.visible(
                self._entry(i),
                rules.within(reader, themselves),
                self.general or rules.DEFAULT,
                everyone,
            )
            found[i] = shown.shown, shown.reason.kind
        return found

    def _people(self, root: int, *, let_in: bool = False) -> set[int]:
        """The contacts who take part in a task; ``let_in``: those whom an agent added."""
        return {
            ROOT_OF[who.id]
            for task, who, added in self.participants
            if who.kind == "contact" and ROOT_TASK[task] == root and (added or not let_in)
        }

    def _entry(self, comment_id: int) -> Entry:
        task_id, author, hidden, deleted = self.said[comment_id]
        root = ROOT_TASK[task_id]
        states: dict[int | None, set[str]] = {}
        for i, contact, state, notice in self.shares:
            if i == comment_id and not notice:
                states.setdefault(ROOT_OF.get(contact or 0), set()).add(state)
        agents = {
            who.id
            for task, who, _ in self.participants
            if who.kind == "agent" and ROOT_TASK[task] == root
        }
        assignee = self.assignees[root]
        owner = OWNER if self.private[root] else None
        return Entry(
            said_by=ROOT_OF.get(author or 0),
            got_by=rules.got_by(
                {ROOT_OF[one] for i, one in self.chosen if i == comment_id}, states
            ),
            hidden=hidden,
            deleted=deleted,
            waits=rules.waits(states),
            private=rules.is_private(owner, agents | ({assignee} if assignee else set())),
        )


def each(ids: tuple[int, ...], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[int, Any]]:
    return st.fixed_dictionaries(dict.fromkeys(ids, values))


choices = st.none() | st.sampled_from(SETTINGS)
worlds = st.builds(
    World,
    general=choices,
    cards=each(CONTACTS, st.tuples(st.sampled_from([None, "Acme", "Globex"]), choices)),
    clients=each(TASKS, st.none() | contacts | contacts),
    private=each(TASKS, seldom),
    assignees=each(TASKS, st.none() | agents),
    in_trash=each(TASKS, seldom),
    participants=st.lists(
        st.tuples(
            tasks,
            st.builds(Who, st.just("contact"), contacts) | st.builds(Who, st.just("agent"), agents),
            st.booleans(),
        ),
        max_size=4,
    ),
    said=each(COMMENTS, st.tuples(tasks, st.none() | contacts, seldom, seldom)),
    chosen=st.sets(st.tuples(comments, contacts), max_size=6),
    shares=st.lists(
        st.tuples(
            comments, st.none() | contacts, st.just(State.SENT) | st.sampled_from(State), seldom
        ),
        max_size=6,
    ),
)


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(worlds, choices)
async def test_r37_both_say_the_same_of_every_contact_and_comment(
    seed: Seed, world: World, setting: str | None
) -> None:
    async with seed.holding(*world.rows()) as uow:
        await index.index_all(uow)
        for contact_id in sorted(set(ROOT_OF.values())):
            looks = await portal_view.portal_view(uow, AgentActor(OWNER), contact_id, setting)
            found = {look.comment_id: (look.shown, look.reason.kind) for look in looks}
            assert found == world.shown(contact_id, setting)
        for contact_id in sorted(set(ROOT_OF.values())):
            shown = {i for i, (yes, _why) in world.shown(contact_id, None).items() if yes}
            await _walk(uow, world, contact_id, shown)


async def _walk(uow: UnitOfWork, world: World, contact_id: int, shown: set[int]) -> None:
    """R46: every list, page, search, file and quote of a contact has what is shown, and no more."""
    actor = ContactActor(frozenset(i for i, root in ROOT_OF.items() if root == contact_id))
    by_task: dict[int, list[int]] = {}
    for i in sorted(shown):
        by_task.setdefault(ROOT_TASK[world.said[i][0]], []).append(i)
    rows = (await portal.contact_tasks(uow, actor)).rows
    assert {row.id: row.last_line for row in rows} == {
        task: f"said{seen[-1]}" for task, seen in by_task.items()
    }
    for task_id in TASKS:
        root = ROOT_TASK[task_id]
        if root not in by_task:
            with pytest.raises(NotFound):
                await portal.contact_conversation(uow, actor, task_id)
            continue
        page = await portal.contact_conversation(uow, actor, task_id)
        assert [row.id for row in page.comments] == by_task[root]
        first = min(i for i, (task, *_rest) in world.said.items() if ROOT_TASK[task] == root)
        assert page.task.title == (f"said{first}" if first in shown else None)
        for row in page.comments:
            assert row.quote == (f"said{row.id - 1}" if row.id - 1 in by_task[root] else None)
            assert [file.id for file in row.files] == [row.id]
    sought = (contact_id + len(shown)) % len(COMMENTS) + 1
    query, hits = f"SAID{sought}", [ROOT_TASK[world.said[sought][0]]] * (sought in shown)
    found = (await portal.contact_tasks(uow, actor, query=query)).rows
    assert [row.id for row in found] == hits
    # As it is looked for where a contact has a great many tasks.
    holding = await candidates.holding(uow, await sight(uow, actor), None, query)
    assert set(hits) <= {task_id for _at, task_id in holding or ()} <= set(ROOT_TASK.values())
    if sought in shown:
        assert (await portal.contact_file(uow, actor, sought))[1] == b"bytes"
    else:
        with pytest.raises(NotFound):
            await portal.contact_file(uow, actor, sought)
    # What agents call a task is for them.
    assert not (await portal.contact_tasks(uow, actor, query="q1")).rows
