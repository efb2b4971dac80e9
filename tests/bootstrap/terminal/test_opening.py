"""A screen where no daemon runs has one of its own, which ends with it."""

import asyncio
from pathlib import Path

from pfinbox.bootstrap.terminal.opening import Opening
from pfinbox.config import load
from pfinbox.store import read
from pfinbox.store.rows import DaemonRow
from pfinbox.store.uow import Store

# Nobody answers there: the daemon serves the account and goes on trying.
_CONFIG = """
[database]
url = "sqlite:///{folder}/inbox.sqlite"
[accounts.support]
channel = "email"
address = "support@example.com"
imap = {{ host = "127.0.0.1", port = 1, tls = "none", username = "s", password = "s" }}
smtp = {{ host = "127.0.0.1", port = 1, tls = "none", username = "s", password = "s" }}
"""


async def _daemon(store: Store) -> DaemonRow | None:
    async with store.read() as uow:
        return await read.daemon(uow)


async def test_a_screen_alone_has_a_daemon_that_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(_CONFIG.format(folder=tmp_path), "utf-8")
    path.chmod(0o600)
    config = load(path)
    first = Opening(config, "anna", start_daemon=True)
    store, _anna = await first.open()
    assert first.daemon_starts()
    assert "stops too" in (first.what_stops() or "")
    async with asyncio.timeout(60):
        # Another process makes it so.
        while await _daemon(store) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    # Whoever comes while it runs needs none.
    second = Opening(config, "anna", start_daemon=True)
    await second.open()
    assert not second.daemon_starts()
    assert second.what_stops() is None
    await second.close()
    assert await _daemon(store) is not None
    await first.close()
    third = Opening(config, "anna", start_daemon=False)
    store, _anna = await third.open()
    # Drained and released: whoever comes next waits for nothing.
    assert await _daemon(store) is None
    await third.close()
