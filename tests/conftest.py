"""The servers that tests may ask for, and a fresh database of each kind."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pfinbox.store import schema
from pfinbox.store.uow import Store
from tests.builders import Inbox

if TYPE_CHECKING:
    # Imported by pytest as a plug-in, which must come first for its asserts to be rewritten.
    from tests.servers.postgres import PgServer

pytest_plugins = [
    "tests.servers.postgres",
    "tests.servers.bot_api",
    "tests.servers.dovecot",
    "tests.servers.smtp",
]

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where daemons on PostgreSQL keep their stamp; never this user's own folder."""
    home = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    return home


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of this test's own; the test runs once with each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'inbox.sqlite'}"
    url: str = request.getfixturevalue("pg_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with a new store in it, copied from one that was made once: that is quicker."""
    if request.param == "sqlite":
        path = tmp_path / "inbox.sqlite"
        shutil.copy(request.getfixturevalue("made_sqlite"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    server: PgServer = request.getfixturevalue("pg_server")
    template = request.getfixturevalue("made_postgresql")
    name = f"s{next(_numbers)}"
    server.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.url(name)
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "made.sqlite"
    _make(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def made_postgresql(pg_server: "PgServer") -> str:
    pg_server.sql("CREATE DATABASE made TEMPLATE template0")
    _make(pg_server.url("made"))
    return "made"


def _make(url: str) -> None:
    async def make() -> None:
        store = Store(url)
        await schema.create_missing(store)
        await store.close()

    # A loop of its own: the test's loop may be running already.
    with asyncio.Runner() as runner:
        runner.run(make())


@pytest.fixture
async def inbox(store_url: str) -> AsyncIterator[Inbox]:
    """A store with a mail and a messenger account (support, bot) and the agents anna and boris."""
    made = await Inbox.make(store_url)
    yield made
    await made.store.close()
