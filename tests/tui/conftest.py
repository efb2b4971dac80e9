"""A small inbox as an agent finds it in the morning."""

import asyncio
import copy
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pfinbox.store.uow import Store
from tests.builders import Clock, Inbox
from tests.conftest import copied
from tests.tui.scene import morning


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Inbox]:
    """The inbox made once, with the store that every test opens on a copy of its file."""
    folder = tmp_path_factory.mktemp("tui")

    async def make() -> Inbox:
        inbox = await morning(f"sqlite+aiosqlite:///{folder / 'made'}")
        await inbox.store.close()
        inbox.store = Store(f"sqlite+aiosqlite:///{folder / 'inbox.sqlite'}")
        return inbox

    return folder, asyncio.run(make())


@pytest.fixture
async def inbox(seeded: tuple[Path, Inbox]) -> AsyncIterator[Inbox]:
    folder, made = seeded
    copied(folder / "made", folder)
    inbox = copy.copy(made)
    inbox.store.clock = inbox.clock = Clock(made.clock.now)
    yield inbox
    # Whoever looked into the store after its app had ended holds a connection to this file.
    await inbox.store.close()
