"""The full-screen inbox as a whole program, with a daemon of its own where none is running."""

import asyncio
import subprocess
from collections.abc import Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pfinbox import confining
from pfinbox.bootstrap.logs import log_file, set_up_logging
from pfinbox.bootstrap.stores import open_store
from pfinbox.config import Config
from pfinbox.daemon.locks import locked
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Agent
from pfinbox.errors import ConfigError
from pfinbox.i18n import _, language
from pfinbox.services.inbox import Inbox
from pfinbox.services.people import agents, preferences
from pfinbox.store import read
from pfinbox.store.uow import Store, UnitOfWork
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.settings.bell import Quiet
from pfinbox.tui.shell.machine import Machine, own_folder
from pfinbox.wording.names import learn_channels


def run_tui(
    config: Config, login: str, *, start_daemon: bool = True, restricted: bool = False
) -> int:
    """The inbox of ``login``; returns the exit code."""
    # Nothing but the app may write to the terminal.
    set_up_logging(log_file(config).with_name("tui.log"), form=config.log_format)
    return asyncio.run(_run(config, login, start_daemon, restricted))


async def _run(config: Config, login: str, start_daemon: bool, restricted: bool) -> int:
    store = await open_store(config)
    daemon: OwnDaemon | None = None
    try:
        agent = await store.run(lambda uow: _sign_in(uow, login, config))
        if start_daemon and store.sqlite and config.accounts and not await _served(store):
            daemon = OwnDaemon(["--config", str(config.source)])
        own = daemon is not None
        return await show(store, config, agent, own_daemon=own, restricted=restricted)
    finally:
        if daemon is not None:
            await daemon.end()
        await store.close()


async def _sign_in(uow: UnitOfWork, login: str, config: Config) -> Agent:
    agent = await agents.sign_in(uow, login)
    zone = config.agent.timezone
    await agents.remember(uow, AgentActor(agent.id), language=language(), timezone=zone)
    return agent


async def show(
    store: Store,
    config: Config,
    agent: Agent,
    *,
    own_daemon: bool = False,
    daemon_starts: bool = False,
    restricted: bool = False,
) -> int:
    """The app in the terminal until the agent quits; returns its exit code.

    ``own_daemon``: the daemon ends with the app, which quitting must say; ``daemon_starts``: one
    is on its way. ``restricted``: see ``tui.shell.machine``.
    """
    async with store.read() as uow:
        look = await preferences.load(uow, AgentActor(agent.id))
        known = await read.accounts(uow, AgentActor(agent.id))
    learn_channels({row.channel: row.channel_label for row in known})
    app = PfinboxApp(
        Inbox(store, AgentActor(agent.id)),
        agent_name=agent.name,
        undo_send=config.inbox.undo_send,
        read_after=config.agent.read_after,
        keymap=dict(config.keys),
        zone=_zone(config),
        theme=config.agent.theme,
        on_quit=_what_stops if own_daemon else None,
        daemon_starts=own_daemon or daemon_starts,
        notices=config.agent.notices,
        look=look,
        quiet=Quiet.parse(config.agent.quiet_hours),
        machine=Machine(
            own_folder(config.agent.drop_folder, agent.login),
            restricted,
            ("pfinbox", "--config", str(config.source.resolve()), "--agent", agent.login),
        ),
    )
    await app.run_async()
    return app.return_code or 0


def _what_stops() -> str:
    return _("The daemon stops too: nothing comes or goes until pfinbox runs again.")


def _zone(config: Config) -> tzinfo | None:
    """The agent's time zone, None for the machine's."""
    name = config.agent.timezone
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            _("{source}: agent.timezone: there is no time zone {name}").format(
                source=config.source, name=name
            )
        ) from None


async def _served(store: Store) -> bool:
    async with store.read() as uow:
        daemon = await read.daemon(uow)
    # One that was killed a moment ago looks alive for some time yet.
    return daemon is not None and locked(daemon.instance) is not False


class OwnDaemon:
    """A daemon that lives as long as this program: it ends with its stdin, drained and clean."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            confining.python("pfinbox", *arguments, "daemon", "--attended"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # ctrl+c in the terminal is the app's, not the daemon's.
            start_new_session=True,
        )

    def keep(self) -> None:
        """Leave it running behind us."""
        if self._process.stdin is not None:
            self._process.stdin.write(b"keep\n")
            self._process.stdin.flush()

    async def end(self) -> None:
        """Let it drain and go; it needs at most some ten seconds."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await asyncio.to_thread(self._process.wait, 20)
