"""What every command starts from: the configuration, who is asking, and an open store."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.importing import kept

if TYPE_CHECKING:
    from pathlib import Path

    from pfinbox.config import Config
    from pfinbox.domain.model import Agent
    from pfinbox.services.inbox import Inbox
    from pfinbox.store.engine import Engines
    from pfinbox.store.uow import Store

T = TypeVar("T")


class Session:
    """The global options of one call; nothing is read before it is needed."""

    def __init__(
        self, config_path: str | None, agent: str | None, engines: "Engines | None" = None
    ) -> None:
        self.config_path = config_path
        # What the store is opened with; a program that runs many commands may keep them.
        self._engines = engines
        # The login in --agent or PFINBOX_AGENT.
        self.named = agent

    @cached_property
    def config_file(self) -> "Path":
        """The file that is meant, whether it is there or not."""
        from pfinbox.config import config_file

        return config_file(self.config_path)

    @cached_property
    def config(self) -> "Config":
        from pfinbox.config import load

        found = load(self.config_path)
        for warning in found.warnings:
            click.echo(f"pfinbox: {warning}", file=sys.stderr)
        return found

    @property
    def login(self) -> str:
        """--agent or PFINBOX_AGENT, the configuration, the user of the operating system."""
        return self.named or self.config.agent.login or os_user()

    @cached_property
    def zone(self) -> tzinfo | None:
        """The zone of times people read and type; None is the machine's own."""
        if self.config.agent.timezone is None:
            return None
        from zoneinfo import ZoneInfo

        return ZoneInfo(self.config.agent.timezone)

    def moment(self, text: str) -> datetime:
        """A moment as the agent typed it, in UTC."""
        from pfinbox.domain.text.moments.when import parse_when

        return parse_when(text, datetime.now(UTC), self.zone)

    def run(self, work: "Callable[[Inbox], Coroutine[Any, Any, T]]") -> T:
        """Do ``work`` on the open store, in the name of the agent."""
        return asyncio.run(self._run(work))

    async def _run(self, work: "Callable[[Inbox], Coroutine[Any, Any, T]]") -> T:
        with kept():
            from pfinbox.bootstrap.stores import open_store
            from pfinbox.domain.actor import AgentActor
            from pfinbox.services.inbox import Inbox

        store = await open_store(self.config, engines=self._engines)
        try:
            agent = await self._sign_in(store)
            return await work(Inbox(store, AgentActor(agent.id)))
        finally:
            await store.close()

    async def admin(self, store: "Store") -> None:
        """Refused unless the agent is an admin here: what follows concerns the whole store."""
        from pfinbox.services.people import agents

        async with store.read() as uow:
            await agents.may_administer(uow, self.login)

    async def _sign_in(self, store: "Store") -> "Agent":
        from pfinbox.services.people import agents
        from pfinbox.store import read

        async with store.read() as uow:
            if await read.agents(uow):
                return await agents.sign_in(uow, self.login)
        # The first one to come becomes an agent, which is the only time this writes.
        return await store.run(lambda uow: agents.sign_in(uow, self.login))


def os_user() -> str:
    """The user of the operating system."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise UsageError(_("say who you are: pfinbox --agent LOGIN")) from None
