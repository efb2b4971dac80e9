"""The servers that tests may ask for, and a fresh database of each kind."""

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pfinbox.store import schema
from pfinbox.store.uow import Store
from tests.builders import Clock, Inbox

if TYPE_CHECKING:
    # Imported by pytest as a plug-in, which must come first for its asserts to be rewritten.
    from tests.servers.postgres import PgServer

pytest_plugins = [
    "tests.servers.certificates",
    "tests.servers.postgres",
    "tests.servers.bot_api",
    "tests.servers.dovecot",
    "tests.servers.smtp",
]


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where daemons on PostgreSQL keep their stamp; never this user's own folder."""
    home = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    return home


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not walk through it ever again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database: whatever asks for one runs once with each."""
    return str(request.param)


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of this test's own."""
    if kind == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'inbox.sqlite'}"
    url: str = request.getfixturevalue("pg_url")
    return url


@pytest.fixture
def store_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with a new store in it."""
    yield from _copied(request.getfixturevalue(f"made_{kind}"), "new", request, tmp_path)


@pytest.fixture
def furnished(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[str, Inbox]]:
    """The URL of a furnished inbox of this test's own, and the one it is a copy of."""
    made: Made = request.getfixturevalue(f"made_{kind}")
    for url in _copied(made, "furnished", request, tmp_path):
        yield url, made.furnished


@pytest.fixture
async def inbox(furnished: tuple[str, Inbox]) -> AsyncIterator[Inbox]:
    """A store with a mail and a messenger account (support, bot) and the agents anna and boris."""
    url, made = furnished
    inbox = Inbox(Store(url, clock := Clock()), clock)
    inbox.account_ids, inbox.agent_ids = dict(made.account_ids), dict(made.agent_ids)
    yield inbox
    await inbox.store.close()


@dataclass(frozen=True, slots=True)
class Made:
    """Two databases that were made once (a new store, a furnished inbox): to copy SQLite's file,
    and to put PostgreSQL's rows back, is quicker. ``folder`` is where those files are.
    """

    folder: Path | None
    furnished: Inbox


def _copied(
    made: Made, which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    if made.folder is not None:
        shutil.copy(made.folder / which, tmp_path / "inbox.sqlite")
        yield f"sqlite+aiosqlite:///{tmp_path / 'inbox.sqlite'}"
        return
    server: PgServer = request.getfixturevalue("pg_server")
    server.put_back(which)
    yield server.url(which)


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    return Made(folder, _make(lambda which: f"sqlite+aiosqlite:///{folder / which}"))


@pytest.fixture(scope="session")
def made_postgresql(pg_server: "PgServer") -> Made:
    for which in ("new", "furnished"):
        pg_server.sql(f"CREATE DATABASE {which} TEMPLATE template0")
    made = Made(None, _make(pg_server.url))
    for which in ("new", "furnished"):
        pg_server.keep(which)
    return made


def _make(url: Callable[[str], str]) -> Inbox:
    async def make() -> Inbox:
        store = Store(url("new"))
        await schema.create_missing(store)
        await store.close()
        inbox = await Inbox.make(url("furnished"))
        await inbox.store.close()
        return inbox

    # A loop of its own: the test's loop may be running already.
    with asyncio.Runner() as runner:
        return runner.run(make())
