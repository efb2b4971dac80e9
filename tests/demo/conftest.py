"""The whole story told once, by a real daemon and the agents of the story, into an SQLite store."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select

from pfinbox.bootstrap.demo import demo_config, rehearse, staff
from pfinbox.bootstrap.door import announce
from pfinbox.bootstrap.serve import prepare
from pfinbox.demo.channel import DemoChannel
from pfinbox.demo.story import STORY
from pfinbox.domain.contract.channel import Channel
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.store import schema
from pfinbox.store import tables as t
from pfinbox.store.changes import changes
from pfinbox.store.uow import Store, UnitOfWork

# What the clients answer, and the last thing that happens: to the mail that was put off.
ANSWERS = {
    "ewa-answer-1",
    "hilde-answer-1",
    "lena-answer-1",
    "lena-answer-2",
    "sven-answer-1",
    "tomek-answer-1",
}
LAST = "hannah-answer-1"


@dataclass
class Told:
    """The store after the story, and what the clients were sent."""

    store: Store
    sent: dict[str, list[Outgoing]]

    async def rows(self, query: Any) -> list[Row[Any]]:
        async with self.store.read() as uow:
            return list((await uow.connection.execute(query)).all())

    async def comment(self, key: str) -> Row[Any]:
        """The comment that came of a line of the story or of an answer."""
        (row,) = await self.rows(
            select(t.comment)
            .join(t.receipt, t.receipt.c.comment_id == t.comment.c.id)
            .where(t.receipt.c.key == key)
        )
        return row

    async def task(self, key: str) -> Row[Any]:
        """The task in which it landed."""
        comment = await self.comment(key)
        (row,) = await self.rows(select(t.task).where(t.task.c.id == comment.task_id))
        return row

    async def said(self, key: str, *, internal: bool = False) -> list[Row[Any]]:
        """What agents wrote in that task."""
        comment = await self.comment(key)
        return await self.rows(
            select(t.comment)
            .where(
                t.comment.c.task_id == comment.task_id,
                t.comment.c.direction == "outgoing",
                t.comment.c.internal.is_(internal),
            )
            .order_by(t.comment.c.id)
        )

    async def deliveries(self, key: str) -> list[Row[Any]]:
        comment = await self.comment(key)
        return await self.rows(
            select(t.delivery)
            .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
            .where(t.comment.c.task_id == comment.task_id)
            .order_by(t.delivery.c.id)
        )


@pytest.fixture(scope="module")
def _ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo")
    return asyncio.run(_tell(folder))


@pytest.fixture
async def told(_ended: tuple[str, dict[str, Any]]) -> AsyncIterator[Told]:
    url, sent = _ended
    store = Store(url)
    yield Told(store, sent)
    await store.close()


async def _tell(folder: Path) -> tuple[str, dict[str, Any]]:
    config = demo_config(folder, pace=0)
    clock = Ahead()
    store = Store(config.database_url, clock)
    await schema.create_missing(store)
    await staff(store, "maria")
    daemon = await prepare(store, config)
    await announce(store, config, "daemon")
    opened: dict[str, DemoChannel] = {}
    usual = daemon.open_channel

    def remembered(name: str) -> Channel:
        channel = usual(name)
        assert isinstance(channel, DemoChannel)
        opened[name] = channel
        return channel

    daemon.open_channel = remembered
    stop = asyncio.Event()
    running = asyncio.create_task(daemon.run(stop))
    async with asyncio.timeout(60):
        await rehearse(store, "maria", thinking=0)
        await _over(store, clock)
    stop.set()
    await running
    await store.close()
    return config.database_url, {name: list(channel.sent) for name, channel in opened.items()}


@dataclass
class Ahead:
    """The machine's clock, and as much more as nobody wants to wait for."""

    by: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


async def _over(store: Store, clock: Ahead) -> None:
    wanted = {line.id for line in STORY} | ANSWERS
    async for _topics in changes(store):
        async with store.read() as uow:
            keys = set(await uow.connection.scalars(select(t.receipt.c.key)))
            states = ("pending", "sending", "transmitting")
            moving = select(t.delivery.c.due_at).where(t.delivery.c.state.in_(states))
            due = (await uow.connection.scalars(moving)).all()
        if wanted | {LAST} <= keys and not due:
            return
        if wanted <= keys and due and min(due) > clock():
            # All that is left is the mail that was put off: its second attempt is due now.
            clock.by += timedelta(minutes=1)
            await store.run(_look_again)


async def _look_again(uow: UnitOfWork) -> None:
    uow.touch("outbox")
