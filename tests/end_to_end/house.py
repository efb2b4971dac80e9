"""A whole pfinbox on real servers: configuration, store, daemon, and words to wait with."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from pfinbox import config as configuration
from pfinbox.bootstrap.serve import prepare
from pfinbox.bootstrap.stores import open_store
from pfinbox.config import Config
from pfinbox.domain.actor import AgentActor
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.services.people import agents
from pfinbox.store import read
from pfinbox.store.changes import changes
from pfinbox.store.rows import CommentRow, Conversation, TaskRow
from pfinbox.store.uow import Store
from tests.servers.bot_api import TOKEN, BotApi
from tests.servers.dovecot import PASSWORD, Mailbox
from tests.servers.smtp import SmtpServer

T = TypeVar("T")


def write_config(
    folder: Path, url: str, mailbox: Mailbox, smtp: SmtpServer, bot_api: BotApi
) -> Path:
    """A config file as an admin would write it, for the servers of this test."""
    path = folder / "config.toml"
    path.write_text(
        f"""
[database]
url = {json.dumps(url)}
[inbox]
company = "Example"
undo_send = 0
[accounts.support]
channel = "email"
address = "{mailbox.address}"
name = "Example Support"
imap = {{ host = "{mailbox.host}", port = {mailbox.port}, tls = "none", \
username = "{mailbox.username}", password = "{PASSWORD}" }}
smtp = {{ host = "{smtp.host}", port = {smtp.port}, tls = "none" }}
[accounts.bot]
channel = "telegram"
token = "{TOKEN}"
api_base = "{bot_api.base}"
"""
    )
    path.chmod(0o600)
    return path


class House:
    """A running daemon with its store, seen through the inbox of one agent."""

    def __init__(self, store: Store, inbox: Inbox, config: Config) -> None:
        self.store = store
        self.inbox = inbox
        self.config = config

    async def until(self, look: Callable[[], Awaitable[T | None]], seconds: float = 30) -> T:
        """The first true answer of ``look``, asked again after every change of the store."""
        async with asyncio.timeout(seconds):
            async for _topics in changes(self.store):
                found = await look()
                if found:
                    return found
        raise AssertionError("unreachable")

    async def task(self, title: str) -> TaskRow:
        """The task with this title, as soon as it is there."""

        async def look() -> TaskRow | None:
            page = await self.inbox.read(queries.tasks, "all")
            return next((row for row in page.rows if row.title == title), None)

        return await self.until(look)

    async def comment(self, task_id: int, text: str) -> CommentRow:
        """The comment with ``text`` in it, as soon as it is there."""

        async def look() -> CommentRow | None:
            conversation: Conversation = await self.inbox.read(queries.conversation, task_id)
            return next((c for c in conversation.comments if text in c.text), None)

        return await self.until(look)

    async def delivered(self, comment_id: int, task_id: int, state: str = "sent") -> CommentRow:
        """The comment when all its deliveries are in ``state``."""

        async def look() -> CommentRow | None:
            conversation = await self.inbox.read(queries.conversation, task_id)
            comment = next(c for c in conversation.comments if c.id == comment_id)
            return comment if all(d.state == state for d in comment.deliveries) else None

        return await self.until(look)

    async def accounts_are(self, state: str) -> None:
        async def look() -> bool:
            async with self.store.read() as uow:
                rows = await read.accounts(uow, AgentActor(1))
            return bool(rows) and all(row.state == state for row in rows)

        await self.until(look)


@asynccontextmanager
async def a_house(path: Path, *, serve: bool = True) -> AsyncIterator[House]:
    """The store of ``path``'s config, with a daemon that serves it."""
    config = configuration.load(path)
    store = await open_store(config, upgrade=True)
    agent = await store.run(lambda uow: agents.sign_in(uow, "anna"))
    stop = asyncio.Event()
    daemon = await prepare(store, config)
    running = asyncio.create_task(daemon.run(stop)) if serve else None
    try:
        yield House(store, Inbox(store, AgentActor(agent.id)), config)
    finally:
        stop.set()
        if running is not None:
            await running
        await store.close()
