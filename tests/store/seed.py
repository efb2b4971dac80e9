"""Rows written straight into the tables, for tests of what is read; no service takes part."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, insert, update

from pfinbox.domain.contract.channel import Capability
from pfinbox.store import schema
from pfinbox.store import tables as t
from pfinbox.store.uow import Store, UnitOfWork

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
MAIL = Capability.SUBJECT | Capability.THREADS | Capability.GLOBAL_ADDRESSES


def ago(**duration: float) -> datetime:
    return NOW - timedelta(**duration)


class Seed:
    """A store whose clock stands at ``NOW``; every method adds rows and returns an id."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.statements = 0

    @classmethod
    async def make(cls, url: str) -> "Seed":
        store = Store(url, clock=lambda: NOW)
        await schema.create_missing(store)
        seed = cls(store)

        @event.listens_for(store.engine.sync_engine, "before_cursor_execute")
        def count(*_args: Any) -> None:
            seed.statements += 1

        return seed

    async def add(self, table: Any, **values: Any) -> int:
        return await self.store.run(lambda uow: uow.add(table, **values))

    async def rows(self, table: Any, *rows: dict[str, Any]) -> None:
        async def write(uow: UnitOfWork) -> None:
            await uow.connection.execute(insert(table), list(rows))

        await self.store.run(write)

    @asynccontextmanager
    async def holding(
        self, *tables: tuple[Any, Sequence[dict[str, Any]]]
    ) -> AsyncIterator[UnitOfWork]:
        """A store with these rows, none of which is kept: for one example of many."""
        async with self.store.write() as uow:
            for table, rows in tables:
                if rows:
                    await uow.connection.execute(insert(table), list(rows))
            yield uow

    async def set(self, table: Any, id: int, **values: Any) -> None:  # noqa: A002
        async def write(uow: UnitOfWork) -> None:
            await uow.connection.execute(update(table).where(table.c.id == id).values(**values))

        await self.store.run(write)

    async def agent(self, login: str, **values: Any) -> int:
        return await self.add(t.agent, login=login, name=login.title(), created_at=NOW, **values)

    async def account(self, name: str, channel: str = "telegram", **values: Any) -> int:
        values.setdefault("new_task_after_close", "true")
        values.setdefault("capabilities", int(MAIL) if channel == "email" else 0)
        return await self.add(t.account, name=name, channel=channel, limits={}, **values)

    async def contact(self, name: str, root_id: int = 0, **values: Any) -> int:
        id = await self.add(t.contact, name=name, root_id=root_id, created_at=NOW, **values)  # noqa: A001
        if not root_id:
            await self.set(t.contact, id, root_id=id)
        return id

    async def address(self, contact_id: int, value: str, channel: str = "email", **v: Any) -> int:
        return await self.add(t.address, contact_id=contact_id, channel=channel, value=value, **v)

    async def task(self, title: str = "A question", **values: Any) -> int:
        defaults = {"status": "new", "active": True, "root_id": 0}
        times = {"created_at": ago(hours=1), "last_activity_at": ago(hours=1)}
        id = await self.add(t.task, title=title, **{**defaults, **times, **values})  # noqa: A001
        if not values.get("root_id"):
            await self.set(t.task, id, root_id=id)
        return id

    async def merged(self, survivor_id: int, title: str = "Merged", **values: Any) -> int:
        return await self.task(title, root_id=survivor_id, merged_into_id=survivor_id, **values)

    async def comment(self, task_id: int, text: str = "Hello", **values: Any) -> int:
        values.setdefault("direction", "outgoing" if values.get("agent_id") else "incoming")
        values.setdefault("created_at", ago(minutes=30))
        return await self.add(t.comment, task_id=task_id, text=text, **values)

    async def chat(self, account_id: int, contact_id: int, key: str, *task_ids: int) -> int:
        chat_id = await self.add(
            t.chat, account_id=account_id, contact_id=contact_id, key=key, created_at=NOW
        )
        for task_id in task_ids:
            current = task_id == task_ids[-1]
            await self.add(
                t.binding, task_id=task_id, chat_id=chat_id, current=current, created_at=NOW
            )
        return chat_id

    async def delivery(self, comment_id: int, account_id: int, state: str, **values: Any) -> int:
        values.setdefault("address", "maria@client.example")
        values.setdefault("due_at", NOW)
        return await self.add(
            t.delivery, comment_id=comment_id, account_id=account_id, state=state, **values
        )
