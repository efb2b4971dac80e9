"""What is unread is the same in the list, its filter, the news and the domain (R35, R41)."""

from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.unread import Reading, unread
from pfinbox.store import read
from pfinbox.store import tables as t
from tests.store.seed import NOW, Seed, ago

AGENTS, TASKS, COMMENTS = (1, 2), (1, 2, 3, 4), tuple(range(1, 9))
agents, tasks = st.sampled_from(AGENTS), st.sampled_from(TASKS)
comments = st.sampled_from(COMMENTS)


@dataclass(frozen=True)
class World:
    """What was new and what was read; comment n was written in task ``(n - 1) % 4 + 1``."""

    roots: dict[int, int]
    notable: dict[int, int]
    # Those that the inbox does not show: done, in the trash, asleep.
    away: dict[int, dict[str, Any]]
    baselines: dict[int, int]
    notices: set[tuple[int, int]]
    marks: dict[tuple[int, int], int]

    def rows(self) -> list[tuple[Any, list[dict[str, Any]]]]:
        who = [
            {"id": i, "login": f"a{i}", "name": f"A{i}", "created_at": NOW, "read_baseline": most}
            for i, most in self.baselines.items()
        ]
        at = {"created_at": NOW, "last_activity_at": NOW, "status": "new", "title": "A question"}
        inbox = {"active": True, "deleted_at": None, "snoozed_until": None}
        works = [
            {
                "id": i,
                "root_id": root,
                "merged_into_id": None if root == i else root,
                "last_notable_id": self.notable[i],
                **at,
                **inbox,
                **self.away[i],
            }
            for i, root in self.roots.items()
        ]
        said = [
            {
                "id": i,
                "task_id": task_of(i),
                "direction": "incoming",
                "text": "Hi",
                "created_at": NOW,
            }
            for i in COMMENTS
        ]
        told = [
            {"agent_id": agent, "comment_id": i, "task_id": task_of(i)} for agent, i in self.notices
        ]
        seen = [
            {"agent_id": agent, "task_id": task, "comment_id": i}
            for (agent, task), i in self.marks.items()
        ]
        return [
            (t.agent, who),
            (t.task, works),
            (t.comment, said),
            (t.notice, told),
            (t.read_mark, seen),
        ]

    def unread(self, agent_id: int, root_id: int) -> set[int]:
        return unread(
            Reading(
                last_notable_id=self.notable[root_id],
                notices=[
                    i
                    for agent, i in self.notices
                    if agent == agent_id and self.roots[task_of(i)] == root_id
                ],
                read_id=self.marks.get((agent_id, root_id), 0),
                baseline=self.baselines[agent_id],
            )
        )


def task_of(comment_id: int) -> int:
    return TASKS[(comment_id - 1) % len(TASKS)]


AWAY: list[dict[str, Any]] = [
    {},
    {},
    {"snoozed_until": ago(hours=1)},
    {"snoozed_until": ago(hours=-1)},
    {"active": False},
    {"deleted_at": NOW},
]
worlds = st.builds(
    World,
    roots=st.sampled_from(
        [{1: 1, 2: 2, 3: 3, 4: 4}, {1: 1, 2: 1, 3: 3, 4: 4}, dict.fromkeys(TASKS, 1)]
    ),
    notable=st.fixed_dictionaries(dict.fromkeys(TASKS, st.just(0) | comments)),
    away=st.fixed_dictionaries(dict.fromkeys(TASKS, st.sampled_from(AWAY))),
    baselines=st.fixed_dictionaries(dict.fromkeys(AGENTS, st.just(0) | comments)),
    notices=st.sets(st.tuples(agents, comments), max_size=6),
    marks=st.dictionaries(st.tuples(agents, tasks), comments, max_size=6),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds)
async def test_r41_all_say_the_same_of_every_agent_and_task(seed: Seed, world: World) -> None:
    async with seed.holding(*world.rows()) as uow:
        for agent in AGENTS:
            new = {i: world.unread(agent, root) for i, root in world.roots.items()}
            everything = {
                row.id: row for row in (await read.tasks(uow, AgentActor(agent), "all")).rows
            }
            assert {i for i, row in everything.items() if row.unread} == {i for i in new if new[i]}
            found = await read.tasks(uow, AgentActor(agent), "all", query="is:unread in:all")
            assert {row.id for row in found.rows} == {i for i in new if new[i]}
            inbox = {row.id for row in (await read.tasks(uow, AgentActor(agent), "inbox")).rows}
            news = await read.news(uow, AgentActor(agent))
            assert dict(news.unread) == {i: max(new[i]) for i in inbox if new[i]}
