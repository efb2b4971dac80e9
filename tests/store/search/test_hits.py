"""Whichever way a search takes, it finds what reading every entry would find."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import or_, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text.query import Term, parse
from pfinbox.domain.text.words import FROM, TO, stands_in
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.search import hits
from pfinbox.store.search.search import search
from pfinbox.store.uow import Store, UnitOfWork
from tests.benchmarks.large_store import fill

TASKS = 1_200
BORIS = 2
# Into a task with the tag, and one with the tag into a task without.
MERGED = {107: 100, 200: 207}
# One of them is merged into another.
FAILED = (107, 300, 301, 1000)
WORDS = ("needle", "order", "order invoice", "invoi*", '"order the"', "w1*", "order -thanks")

# With what tasks are, one word, one beginning and one exclusion are enough.
OF_EACH_KIND = ("needle", "w1*", "order -thanks")


@cache
def split(folded: str) -> list[str]:
    return folded.split(" ")


Holds = Callable[[Any], bool]
WITH: dict[str, Holds] = {
    "": lambda row: True,
    "tag:vip": lambda row: row.number % 100 == 0 or row.number == MERGED[200],
    # More than are looked through one by one.
    "status:done": lambda row: row.status == "done",
    "status:open": lambda row: row.status == "open",
    "assignee:boris": lambda row: row.assignee_agent_id == BORIS,
    "has:attachment": lambda row: False,
    "is:open": lambda row: row.active,
    "is:closed": lambda row: not row.active,
    "is:unread": lambda row: row.last_notable_id > 0,
    "is:mine": lambda row: row.assignee_agent_id == BORIS,
    "is:snoozed": lambda row: row.active and row.number % 7 == 0,
    "is:failed": lambda row: row.number in FAILED or row.number == MERGED[107],
    "before:2026-10-30": lambda row: row.created_at < datetime(2026, 10, 30, tzinfo=UTC),
    "after:2026-10-30": lambda row: row.created_at >= datetime(2026, 10, 30, tzinfo=UTC),
    "-after:2026-10-30": lambda row: row.created_at < datetime(2026, 10, 30, tzinfo=UTC),
    "from:lopez": lambda row: stands_in((FROM + "lopez",), True, split(row.folded)),
    "to:nowak": lambda row: stands_in((TO + "nowak",), True, split(row.folded)),
    "channel:telegram": lambda row: (row.said_account or row.account) == 3,
}


@pytest.fixture(scope="module")
async def large(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    path: Path = tmp_path_factory.mktemp("large") / "inbox.sqlite"
    await fill(path, TASKS)
    store = Store(f"sqlite+aiosqlite:///{path}")

    async def change(uow: UnitOfWork) -> None:
        gone = t.comment.c.id % 50 == 0
        await uow.connection.execute(update(t.comment).where(gone).values(deleted_at=uow.now))
        new = t.task.c.id % 30 == 0
        await uow.connection.execute(update(t.task).where(new).values(last_notable_id=5))
        for days, rest in ((1, 0), (-1, 1)):
            asleep = t.task.c.id % 7 == rest
            until = uow.now + timedelta(days=days)
            await uow.connection.execute(update(t.task).where(asleep).values(snoozed_until=until))
        said = select(t.comment.c.id).where(t.comment.c.task_id.in_(FAILED))
        await uow.connection.execute(
            update(t.delivery).where(t.delivery.c.comment_id.in_(said)).values(state="failed")
        )
        seen = select(t.comment.c.id).where(t.comment.c.task_id == 302)
        await uow.connection.execute(
            update(t.delivery)
            .where(t.delivery.c.comment_id.in_(seen))
            .values(state="failed", dismissed_at=uow.now)
        )
        for number, root in MERGED.items():
            await uow.change(t.task, number, merged_into_id=root, root_id=root)

    await store.run(change)
    yield store
    await store.close()


async def entries(store: Store) -> list[Any]:
    """Every comment that boris may see, newest first."""
    async with store.read() as uow:
        rows = await uow.connection.execute(
            select(
                t.search_text.c.folded,
                t.comment.c.id,
                t.comment.c.created_at,
                t.comment.c.account_id.label("said_account"),
                t.task.c.root_id.label("number"),
                t.task.c.account_id.label("account"),
                t.task.c.status,
                t.task.c.active,
                t.task.c.last_notable_id,
                t.task.c.assignee_agent_id,
            )
            .join(t.comment, t.comment.c.id == t.search_text.c.comment_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .where(
                t.comment.c.deleted_at.is_(None),
                or_(t.task.c.private_to_id.is_(None), t.task.c.assignee_agent_id == BORIS),
            )
            .order_by(t.search_text.c.id.desc())
        )
        return list(rows)


def has(term: Term, folded: str) -> bool:
    return stands_in(term.words, term.prefix, split(folded)) != term.negated


@pytest.mark.parametrize("few", [hits.FEW, 5])
async def test_every_way_finds_the_same(
    large: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``few``: of so many tasks the comments are asked one by one."""
    monkeypatch.setattr(hits, "FEW", few)
    # What does not look at tasks first takes the same way both times.
    chosen = WITH if few != 5 else {"tag:vip": WITH["tag:vip"]}
    rows = await entries(large)
    assert len(rows) > TASKS
    for words in WORDS:
        terms = parse(words).terms
        said = [row for row in rows if all(has(term, row.folded) for term in terms)]
        for more, holds in chosen.items():
            if more.startswith("is:") and words not in OF_EACH_KIND:
                continue
            expected = [row.id for row in said if holds(row)]
            async with large.read() as uow:
                page = await search(uow, AgentActor(BORIS), f"{words} {more}", limit=20)
                found = [hit.comment_id for hit in page.rows]
                assert found == expected[:20], (words, more)
                assert (page.after is not None) == (len(expected) > 20), (words, more)
                if page.after is not None:
                    page = await search(
                        uow, AgentActor(BORIS), f"{words} {more}", limit=20, after=page.after
                    )
                    assert [hit.comment_id for hit in page.rows] == expected[20:40], (words, more)


async def test_a_list_finds_the_same_tasks_whether_they_are_asked_or_listed(large: Store) -> None:
    rows = await entries(large)
    for words in WORDS[:-1]:
        terms = parse(words).terms
        said = {row.number for row in rows if all(has(term, row.folded) for term in terms)}
        for view, active in (("active", True), ("done", False)):
            expected = {row.number for row in rows if row.active is active and row.number in said}
            async with large.read() as uow:
                page = await read.tasks(uow, AgentActor(BORIS), view, query=words, limit=TASKS)
            # A title may hold the words where no comment that is left does.
            found = {row.id for row in page.rows}
            assert expected <= found, (words, view)
            assert all(row.active is active for row in page.rows)


@pytest.mark.parametrize("few", [hits.FEW, 5])
async def test_a_list_finds_the_tasks_that_are_so(
    large: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few are looked up by their numbers; for many the list is gone through (R24, R35, R41)."""
    monkeypatch.setattr(hits, "FEW", few)
    rows = await entries(large)
    asked = {query: holds for query, holds in WITH.items() if query.startswith("is:")}
    failed = asked["is:failed"]
    asked["-is:failed is:open"] = lambda row: row.active and not failed(row)
    for query, holds in asked.items():
        expected = {row.number for row in rows if holds(row)}
        async with large.read() as uow:
            page = await read.tasks(uow, AgentActor(BORIS), "living", query=query, limit=TASKS)
        # One task has no comment that can be found.
        assert {row.id for row in page.rows} - {TASKS + 1} == expected, query
        assert expected
    async with large.read() as uow:
        for view in ("mine", "snoozed"):
            of_view = await read.tasks(uow, AgentActor(BORIS), view, limit=TASKS)
            query = f"is:{view} is:open -is:snoozed" if view == "mine" else f"is:{view}"
            found = await read.tasks(uow, AgentActor(BORIS), "living", query=query, limit=TASKS)
            assert {row.id for row in found.rows} == {row.id for row in of_view.rows}
