"""A small inbox as an agent finds it in the morning."""

import asyncio
import copy
import shutil
from pathlib import Path

import pytest

from pfinbox.store.uow import Store
from tests.builders import Clock, Inbox
from tests.tui.scene import morning


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Inbox]:
    """The inbox made once; every test works on a copy of its file."""
    path = tmp_path_factory.mktemp("tui") / "inbox.sqlite"

    async def make() -> Inbox:
        inbox = await morning(f"sqlite+aiosqlite:///{path}")
        await inbox.store.close()
        return inbox

    return path, asyncio.run(make())


@pytest.fixture
def inbox(seeded: tuple[Path, Inbox], tmp_path: Path) -> Inbox:
    path, made = seeded
    shutil.copy(path, tmp_path / "inbox.sqlite")
    inbox = copy.copy(made)
    inbox.clock = Clock(made.clock.now)
    inbox.store = Store(f"sqlite+aiosqlite:///{tmp_path / 'inbox.sqlite'}", inbox.clock)
    return inbox
