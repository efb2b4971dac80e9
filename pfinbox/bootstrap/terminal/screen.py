"""The full-screen inbox as a whole program, with a daemon of its own where none is running."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pfinbox.bootstrap.logs import log_file, set_up_logging
from pfinbox.bootstrap.terminal import heap
from pfinbox.bootstrap.terminal.opening import Opening
from pfinbox.config import Config
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Agent
from pfinbox.errors import ConfigError
from pfinbox.i18n import _
from pfinbox.services.inbox import Inbox, InboxToCome
from pfinbox.services.people import preferences
from pfinbox.store import read
from pfinbox.store.first_page import reading
from pfinbox.store.first_page.reading import FirstPage
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.inbox.list_reading import PAGE
from pfinbox.tui.settings.bell import Quiet
from pfinbox.tui.shell.collecting import Collector
from pfinbox.tui.shell.machine import Machine, own_folder
from pfinbox.wording.names import learn_channels

if TYPE_CHECKING:
    from pfinbox.store.uow import Store


def run_tui(
    config: Config, login: str, *, start_daemon: bool = True, restricted: bool = False
) -> int:
    """The inbox of ``login``; returns the exit code."""
    # Nothing but the app may write to the terminal.
    set_up_logging(log_file(config).with_name("tui.log"), form=config.log_format)
    heap.share()
    return asyncio.run(_run(config, login, start_daemon, restricted))


async def _run(config: Config, login: str, start_daemon: bool, restricted: bool) -> int:
    opening = Opening(config, login, start_daemon=start_daemon)
    try:
        # The screen is there before the store is open, wherever that can be.
        first = reading.look(config.database_url, login, datetime.now(UTC), PAGE)
        if first is not None:
            inbox: Inbox = InboxToCome(opening.open_aside, AgentActor(first.agent_id))
        else:
            store, agent = await opening.open()
            first = await _without_page(store, agent)
            inbox = Inbox(store, AgentActor(agent.id))
        app = _app(
            inbox,
            config,
            login,
            first,
            on_quit=opening.what_stops,
            daemon_starts=opening.daemon_starts,
            restricted=restricted,
        )
        await app.run_async()
        return app.return_code or 0
    finally:
        await opening.close()


async def show_beside_daemon(store: "Store", config: Config, agent: Agent) -> int:
    """The app in the terminal until the agent quits; returns its exit code. A daemon starts."""
    inbox = Inbox(store, AgentActor(agent.id))
    first = await _without_page(store, agent)
    app = _app(inbox, config, agent.login, first, daemon_starts=lambda: True)
    await app.run_async()
    return app.return_code or 0


async def _without_page(store: "Store", agent: Agent) -> FirstPage:
    """What is known of the agent, out of an open store: the screen asks it for the rows."""
    me = AgentActor(agent.id)
    async with store.read() as uow:
        look = await preferences.load(uow, me)
        channels = {row.channel: row.channel_label for row in await read.accounts(uow, me)}
    return FirstPage(agent.id, agent.name, look, channels, None)


def _app(
    inbox: Inbox,
    config: Config,
    login: str,
    first: FirstPage,
    *,
    on_quit: Callable[[], str | None] | None = None,
    daemon_starts: Callable[[], bool],
    restricted: bool = False,
) -> PfinboxApp:
    """``restricted``: see ``tui.shell.machine``."""
    learn_channels(first.channels)
    return PfinboxApp(
        inbox,
        agent_name=first.agent_name,
        undo_send=config.inbox.undo_send,
        read_after=config.agent.read_after,
        keymap=dict(config.keys),
        zone=_zone(config),
        theme=config.agent.theme,
        on_quit=on_quit,
        daemon_starts=daemon_starts,
        notices=config.agent.notices,
        look=first.look,
        quiet=Quiet.parse(config.agent.quiet_hours),
        machine=Machine(
            own_folder(config.agent.drop_folder, login),
            restricted,
            ("pfinbox", "--config", str(config.source.resolve()), "--agent", login),
        ),
        page=first.page,
        at_rest=Collector().rested,
    )


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
