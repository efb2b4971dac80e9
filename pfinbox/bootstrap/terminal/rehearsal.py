"""``pfinbox demo`` as a whole program: a store of its own, a real daemon, simulated clients."""

import asyncio
import contextlib
import tempfile
from pathlib import Path

from pfinbox.bootstrap.demo import demo_config, rehearse, staff
from pfinbox.bootstrap.logs import set_up_logging
from pfinbox.bootstrap.stores import open_store
from pfinbox.bootstrap.terminal.own_daemon import OwnDaemon
from pfinbox.bootstrap.terminal.screen import show_beside_daemon
from pfinbox.config import Config
from pfinbox.services.people import agents


def run_demo(login: str, *, language: str | None = None) -> int:
    """Everything happens in a temporary folder, which goes with the program."""
    with tempfile.TemporaryDirectory(prefix="pfinbox-demo-") as name:
        folder = Path(name)
        set_up_logging(folder / "demo.log")
        return asyncio.run(_run(demo_config(folder, language=language), login))


async def _run(config: Config, login: str) -> int:
    store = await open_store(config)
    daemon: OwnDaemon | None = None
    acting: asyncio.Task[None] | None = None
    try:
        # Before the first message: what was there before an agent is no news for them.
        await staff(store, login)
        agent = await store.run(lambda uow: agents.sign_in(uow, login))
        daemon = OwnDaemon(["--config", str(config.source)])
        acting = asyncio.create_task(rehearse(store, login))
        return await show_beside_daemon(store, config, agent)
    finally:
        if acting is not None:
            acting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await acting
        if daemon is not None:
            await daemon.end()
        await store.close()
