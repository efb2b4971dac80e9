"""The store of a screen, opened before it or behind it, and a daemon where none is running."""

import asyncio
from typing import TYPE_CHECKING

from pfinbox.bootstrap import stores
from pfinbox.bootstrap.terminal.own_daemon import OwnDaemon
from pfinbox.config import Config
from pfinbox.daemon.locks import locked
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Agent
from pfinbox.i18n import _, language
from pfinbox.importing import kept, load
from pfinbox.services import queries
from pfinbox.services.people import agents
from pfinbox.store import changes, read, schema

if TYPE_CHECKING:
    from pfinbox.store.uow import Store, UnitOfWork


class Opening:
    """Opens the store and signs the agent in, and ends what it has begun."""

    def __init__(self, config: Config, login: str, *, start_daemon: bool) -> None:
        self._config = config
        self._login = login
        self._start_daemon = start_daemon
        self._store: Store | None = None
        self._daemon: OwnDaemon | None = None

    async def open(self) -> "tuple[Store, Agent]":
        store = self._store = await stores.open_store(self._config)
        agent = await store.run(self._sign_in)
        wanted = self._start_daemon and store.sqlite and self._config.accounts
        if wanted and not await _served(store):
            self._daemon = OwnDaemon(["--config", str(self._config.source)])
        return store, agent

    async def open_aside(self) -> "Store":
        """The same while the screen takes keys: what is imported for it is so in a thread."""
        await asyncio.to_thread(_import)
        store, _agent = await self.open()
        return store

    async def _sign_in(self, uow: "UnitOfWork") -> Agent:
        agent = await agents.sign_in(uow, self._login)
        zone = self._config.agent.timezone
        await agents.remember(uow, AgentActor(agent.id), language=language(), timezone=zone)
        return agent

    def daemon_starts(self) -> bool:
        return self._daemon is not None

    def what_stops(self) -> str | None:
        """The sentence about what ends with the screen, None where nothing does."""
        if self._daemon is None:
            return None
        return _("The daemon stops too: nothing comes or goes until pfinbox runs again.")

    async def close(self) -> None:
        if self._daemon is not None:
            await self._daemon.end()
        if self._store is not None:
            await self._store.close()


def _import() -> None:
    with kept():
        load(stores, schema, changes, queries, agents)


async def _served(store: "Store") -> bool:
    async with store.read() as uow:
        daemon = await read.daemon(uow)
    # One that was killed a moment ago looks alive for some time yet.
    return daemon is not None and locked(daemon.instance) is not False
