"""The servers that tests may ask for, and a fresh database of each kind."""

import asyncio
import gc
import logging
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from pfinbox.i18n import LOCALE_DIR, set_language
from pfinbox.locale.compiling import compile_catalogues
from pfinbox.store import schema
from pfinbox.store.uow import Store
from tests.builders import Clock, Inbox

if TYPE_CHECKING:
    # Imported by pytest as a plug-in, which must come first for its asserts to be rewritten.
    from tests.servers.postgres import PgServer

# Sentences are compared in English, whatever the developer's own language; children inherit it.
os.environ["LANGUAGE"] = "en"
# Tests wait until a change is painted: at most 4 ms instead of 16, some thousand times.
os.environ.setdefault("TEXTUAL_FPS", "240")
# Compiled once, read by every test process and by every program that a test starts.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says more of the machine than of the program.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")

pytest_plugins = [
    "tests.servers.certificates",
    "tests.servers.chromium",
    "tests.servers.postgres",
    "tests.servers.bot_api",
    "tests.servers.dovecot",
    "tests.servers.smtp",
    "tests.servers.matrix",
    "tests.servers.max",
    "tests.servers.meta",
    "tests.servers.synapse",
    "tests.servers.vk",
    "tests.servers.avito",
    "tests.servers.viber",
]


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where daemons on PostgreSQL keep their stamp; never this user's own folder."""
    home = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command that logs to its own stderr leaves no handler behind, whose stream is closed."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        if type(handler) in (logging.StreamHandler, logging.FileHandler) and handler not in before:
            root.removeHandler(handler)
            handler.close()
    root.setLevel(level)


@pytest.fixture(autouse=True)
async def nothing_left_running() -> AsyncIterator[None]:
    """A test that leaves something running would disturb the next."""
    # What the session started stands before any test's own.
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        # A connection may still be closing, in its thread.
        _done, left = await asyncio.wait(left, timeout=1)
    for task in left:
        task.cancel()
    assert not left


@pytest.fixture
def speak() -> Iterator[Callable[[str], None]]:
    """Chooses the language of sentences for the rest of the test."""
    yield set_language
    set_language("en")


def pytest_configure() -> None:
    """The sentences as they are in the source: an installation compiles them only once.

    The databases of tests live in memory where there is room: each commit waits for its disk.
    """
    # What is collected stays: not one of a thousand looks for rings among it finds any.
    gc.disable()
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    compile_catalogues(LOCALE_DIR, stale_only=True)
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not walk through it ever again.

    Widgets and statements are made by the ten thousand; every 700 is too often to look for rings.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


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
def made(kind: str, request: pytest.FixtureRequest) -> "Made":
    made: Made = request.getfixturevalue(f"made_{kind}")
    return made


@pytest.fixture
def store_url(made: "Made", tmp_path: Path) -> str:
    """A database with a new store in it."""
    return made.copy("new", tmp_path)


@pytest.fixture
def new_store(made: "Made") -> Store:
    """The same, for what has loops of its own."""
    url = made.copy("new", made.folder / "new_store")
    made.new_store = made.new_store or Store(url)
    return made.new_store


@pytest.fixture
async def own_store(new_store: Store) -> AsyncIterator[Store]:
    """The same, closed afterwards: its engine knows what it compiled for other tests."""
    yield new_store
    await new_store.close()


@pytest.fixture
def furnished(made: "Made", tmp_path: Path) -> tuple[str, Inbox]:
    """The URL of a furnished inbox of this test's own, and the one it is a copy of."""
    return made.copy("furnished", tmp_path), made.furnished


@pytest.fixture
async def inbox(made: "Made") -> AsyncIterator[Inbox]:
    """A store with a mail and a messenger account (support, bot) and the agents anna and boris."""
    url = made.copy("furnished", made.folder / "inbox")
    made.store = made.store or Store(url)
    made.store.clock = clock = Clock()
    inbox = Inbox(made.store, clock)
    inbox.account_ids = dict(made.furnished.account_ids)
    inbox.agent_ids = dict(made.furnished.agent_ids)
    yield inbox
    # PostgreSQL's connections are kept too: new ones know neither tables nor plans yet.
    if inbox.store.sqlite:
        await inbox.store.close()


@dataclass(slots=True)
class Made:
    """Two databases that were made once (a new store, a furnished inbox): to copy SQLite's file,
    and to put PostgreSQL's rows back, is quicker. The stores are opened again and again: a third
    of a test's time was SQL being compiled for an engine of its own.
    """

    folder: Path
    furnished: Inbox
    server: "PgServer | None" = None
    store: Store | None = None
    new_store: Store | None = None

    def copy(self, which: str, folder: Path) -> str:
        """The URL of a copy in ``folder``, with nothing of an earlier one there."""
        if self.server is None:
            return f"sqlite+aiosqlite:///{copied(self.folder / which, folder)}"
        self.server.put_back(which)
        return self.server.url(which)


def copied(made: Path, folder: Path) -> Path:
    """The SQLite database ``made`` as the only one in ``folder``."""
    folder.mkdir(exist_ok=True)
    path = folder / "inbox.sqlite"
    for old in folder.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(made, path)
    return path


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    return Made(folder, _make(lambda which: f"sqlite+aiosqlite:///{folder / which}"))


@pytest.fixture(scope="session")
def made_postgresql(pg_server: "PgServer", tmp_path_factory: pytest.TempPathFactory) -> Made:
    for which in ("new", "furnished"):
        pg_server.sql(f"CREATE DATABASE {which} TEMPLATE template0")
    made = Made(tmp_path_factory.mktemp("made"), _make(pg_server.url), pg_server)
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
