"""The first page out of the file says what the store says (R10, R41, R46)."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from pfinbox.domain.actor import AgentActor
from pfinbox.services.people import preferences
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.first_page.reading import STATEMENTS, look
from pfinbox.store.sqlite.header import HEAD
from pfinbox.store.uow import UnitOfWork
from tests import first_page
from tests.conftest import Made
from tests.store.read.test_access import AGENTS, TASKS, World, several, worlds
from tests.store.seed import NOW, Seed, ago

LIMIT = 3


def test_the_statements_are_those_of_the_store() -> None:
    assert STATEMENTS.read_text() == first_page.made(), "python -m tests.first_page makes them anew"


@pytest.fixture
async def seed(made_sqlite: Made, tmp_path: Path) -> AsyncIterator[Seed]:
    made = await Seed.make(made_sqlite.copy("new", tmp_path))
    yield made
    await made.store.close()


@st.composite
def waiting(draw: st.DrawFn) -> World:
    """A company whose clients wait; tasks may follow each other, be asleep, or in bad trouble."""
    world = draw(worlds())
    more: list[Mapping[str, Any]] = [
        {
            "waiting_since": ago(minutes=draw(st.integers(0, 3))),
            "previous_task_id": draw(st.none() | st.sampled_from([n for n in TASKS if n < i]))
            if i > 1
            else None,
            "snoozed_until": draw(st.sampled_from([None, None, NOW, NOW + timedelta(hours=1)])),
            "spam": draw(st.integers(0, 4)) == 4,
        }
        for i in TASKS
    ]
    tasks = [{**task, **one} for task, one in zip(world.tasks, more, strict=True)]
    window = {"reply_window": 3600}
    accounts = [{**one, "limits": draw(st.sampled_from([{}, window]))} for one in world.accounts]
    return replace(world, tasks=tasks, accounts=accounts)


@settings(several, max_examples=10)
@given(waiting())
async def test_every_agent_sees_in_the_file_what_the_store_shows_r10_r46(
    seed: Seed, world: World
) -> None:
    async def write(uow: UnitOfWork) -> None:
        for table in reversed(t.metadata.sorted_tables):
            if table in dict(world.rows()):
                await uow.connection.execute(delete(table))
        for table, rows in world.rows():
            if rows:
                await uow.connection.execute(insert(table), list(rows))

    await seed.store.run(write)
    for agent_id in AGENTS:
        async with seed.store.read() as uow:
            page = await read.tasks(uow, AgentActor(agent_id), "to_answer", limit=LIMIT)
        found = look(seed.store.url, f"a{agent_id}", NOW, LIMIT)
        if found is None:
            # A task before one of these is hidden: which one stands before that, the store knows.
            assert any(task["previous_task_id"] for task in world.tasks)
        else:
            assert (found.agent_id, found.agent_name) == (agent_id, f"A{agent_id}")
            assert found.page == page


async def test_what_is_not_as_on_most_days_is_left_to_the_store(seed: Seed) -> None:
    anna = await seed.agent("anna")
    await seed.agent("late", active=False)
    await seed.account("support", "email", channel_label="Post", configured=True)
    await seed.store.run(
        lambda uow: preferences.remember(uow, AgentActor(anna), theme="nord", list_share=30)
    )
    url = seed.store.url
    found = look(url, "anna", NOW, LIMIT)
    assert found is not None
    assert found.look == {"theme": "nord", "list_share": 30}
    assert found.channels == {"email": "Post"}
    assert look(url, "late", NOW, LIMIT) is None
    assert look(url, "nobody", NOW, LIMIT) is None
    assert look("postgresql+asyncpg://host/inbox", "anna", NOW, LIMIT) is None
    assert look("sqlite+aiosqlite:////nowhere/inbox.sqlite", "anna", NOW, LIMIT) is None
    path = Path(url.removeprefix("sqlite+aiosqlite:///"))
    with sqlite3.connect(path) as database:
        database.execute("update alembic_version set version_num = '9999'")
    database.close()
    assert look(url, "anna", NOW, LIMIT) is None
    assert HEAD != "9999"
    other = path.with_name("other.sqlite")
    other.write_bytes(b"no database at all" * 100)
    assert look(f"sqlite+aiosqlite:///{other}", "anna", NOW, LIMIT) is None
