"""The store that every history begins with, made once; and engines for one after the other."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.people.account_setup import AccountSetup
from pfinbox.services.people import agents
from pfinbox.store.async_core import AsyncEngine
from pfinbox.store.uow import UnitOfWork
from tests.builders import Inbox, chat_account, mail_account
from tests.faults.simulation.database import Engines
from tests.faults.simulation.loop import Loop
from tests.faults.simulation.witness import LOG

# Long comments go in several parts.
_LIMITS = Limits(max_text=100, files_per_part=1)
PLACES = ("daemon-1", "daemon-2", "daemon-3", "screen")


def accounts() -> tuple[AccountSetup, ...]:
    """A mailbox, a messenger, and a service that pushes and recognises a repeat."""
    bot = replace(chat_account("bot"), limits=_LIMITS)
    repeats = Capability.IDEMPOTENT
    shop = replace(chat_account("shop"), limits=_LIMITS, capabilities=bot.capabilities | repeats)
    return (mail_account("support"), bot, shop)


class Template:
    """A folder in memory with the made store, and the one place where each history has its own."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(
            tempfile.mkdtemp(prefix="pfinbox-simulation-", dir=memory if memory.is_dir() else None)
        )
        self.path = self.folder / "inbox.sqlite"
        self.url = f"sqlite+aiosqlite:///{self.path}"
        self._made = self.folder / "made"
        inbox = asyncio.run(self._make())
        self.account_ids = dict(inbox.account_ids)
        self.agent_ids = dict(inbox.agent_ids)
        self.engines = {place: Engines(self.url) for place in PLACES}
        self.copy()
        self._open_once()

    async def _make(self) -> Inbox:
        inbox = await Inbox.make(f"sqlite+aiosqlite:///{self._made}", *accounts())
        await inbox.store.run(_wants_mail(inbox))
        await inbox.store.close()
        raw = sqlite3.connect(self._made)
        raw.executescript(LOG)
        raw.close()
        return inbox

    def _open_once(self) -> None:
        """An engine's first connection asks for more than the others: each history is alike."""
        loop = Loop("template")
        process = loop.add_process("template")
        for engines in self.engines.values():
            for engine in engines.pair:
                loop.run_until_complete(loop.spawn(process, _connected(engine)))
        loop.close()

    def copy(self) -> None:
        """A store as at the beginning, with nothing of an earlier history beside it."""
        for old in self.folder.glob(f"{self.path.name}*"):
            old.unlink()
        shutil.copyfile(self._made, self.path)
        for engines in self.engines.values():
            engines.forget()

    def close(self) -> None:
        shutil.rmtree(self.folder)


def _wants_mail(inbox: Inbox) -> Callable[[UnitOfWork], Awaitable[object]]:
    """One of the agents is told by mail of what is written to them."""
    return lambda uow: agents.set_(
        uow, inbox.actor("anna"), "boris", email="boris@ours.example", notices="mail"
    )


async def _connected(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
