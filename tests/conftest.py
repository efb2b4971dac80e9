"""The servers that tests may ask for, and a fresh database of each kind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import Inbox

pytest_plugins = [
    "tests.servers.postgres",
    "tests.servers.bot_api",
    "tests.servers.dovecot",
    "tests.servers.smtp",
]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of this test's own; the test runs once with each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'inbox.sqlite'}"
    url: str = request.getfixturevalue("pg_url")
    return url


@pytest.fixture
async def inbox(database_url: str) -> AsyncIterator[Inbox]:
    """A store with a mail and a messenger account (support, bot) and the agents anna and boris."""
    made = await Inbox.make(database_url)
    yield made
    await made.store.close()
