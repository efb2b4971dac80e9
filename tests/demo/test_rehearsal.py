"""The demo's wiring: a folder of its own, its agents, and colleagues who keep out of your way."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from pfinbox.bootstrap.demo import demo_config, rehearse, staff
from pfinbox.bootstrap.serve import channel_specs, prepare
from pfinbox.config import Config
from pfinbox.demo.company import CANNED, COLLEAGUES, YOU, YOUR_NAME
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify
from pfinbox.errors import ConfigError
from pfinbox.services.comments import comments
from pfinbox.services.comments.comments import CommentRequest
from pfinbox.services.tasks import tasks
from pfinbox.store import schema
from pfinbox.store import tables as t
from pfinbox.store.changes import changes
from pfinbox.store.uow import Store


async def fresh(config: Config) -> Store:
    store = Store(config.database_url)
    await schema.create_missing(store)
    return store


def test_everything_of_the_demo_is_in_its_folder(tmp_path: Path) -> None:
    config = demo_config(tmp_path, pace=0.5, language="pl")
    assert str(tmp_path / "demo.sqlite") in config.database_url
    specs = channel_specs(config)
    assert set(specs) == {"chat", "mail", "market"}
    assert {spec.name for spec, _settings in specs.values()} == {"demo", "demo_mail"}
    assert {s["pace"] for _spec, s in specs.values()} == {0.5}
    assert {s["language"] for _spec, s in specs.values()} == {"pl"}


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        channel_specs(demo_config(tmp_path, language="xx"))


@pytest.mark.parametrize("login", ["maria", "anna"])
async def test_you_are_an_admin_and_the_colleagues_are_there_once(
    tmp_path: Path, login: str
) -> None:
    store = await fresh(demo_config(tmp_path))
    ids = await staff(store, login)
    assert await staff(store, login) == ids
    async with store.read() as uow:
        rows = (await uow.connection.execute(select(t.agent).order_by(t.agent.c.id))).all()
        replies = set(await uow.connection.scalars(select(t.canned.c.name)))
    await store.close()
    assert rows[0].name == COLLEAGUES.get(login, YOUR_NAME)
    assert replies == CANNED.keys()
    assert (rows[0].login, rows[0].admin) == (login, True)
    assert {row.login for row in rows} == {login, "anna", "piotr"}
    assert ids[YOU] == rows[0].id


async def test_colleagues_leave_a_task_alone_in_which_you_have_written(tmp_path: Path) -> None:
    config = demo_config(tmp_path, pace=0)
    store = await fresh(config)
    ids = await staff(store, "maria")
    daemon = await prepare(store, config)
    await daemon.run_once()
    task_id = await _task_of(store, "lena-1")
    trashed = await _task_of(store, "tomek-1")
    mine = CommentRequest(task_id, "I take this one", Notify())
    await store.run(lambda uow: comments.add_comment(uow, AgentActor(ids[YOU]), mine))
    await store.run(lambda uow: tasks.delete(uow, AgentActor(ids[YOU]), (trashed,)))
    rehearsing = asyncio.create_task(rehearse(store, "maria", thinking=0))
    async with asyncio.timeout(20):
        # The last step of which the message is there without anybody's answer.
        await _closed(store, await _task_of(store, "dima-1"))
    rehearsing.cancel()
    await asyncio.gather(rehearsing, return_exceptions=True)
    async with store.read() as uow:
        said = await uow.connection.scalars(
            select(t.comment.c.text).where(
                t.comment.c.task_id.in_((task_id, trashed)), t.comment.c.direction == "outgoing"
            )
        )
        assert list(said) == ["I take this one"]
    await store.close()


async def _task_of(store: Store, key: str) -> int:
    async with store.read() as uow:
        found = await uow.connection.scalar(
            select(t.comment.c.task_id)
            .join(t.receipt, t.receipt.c.comment_id == t.comment.c.id)
            .where(t.receipt.c.key == key)
        )
    assert found is not None
    return int(found)


async def _closed(store: Store, task_id: int) -> None:
    async for _topics in changes(store):
        async with store.read() as uow:
            active = await uow.connection.scalar(
                select(t.task.c.active).where(t.task.c.id == task_id)
            )
        if not active:
            return
