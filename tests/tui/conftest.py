"""A small inbox as an agent finds it in the morning."""

from pathlib import Path

import pytest

from tests.builders import Inbox
from tests.tui.scene import morning


@pytest.fixture
async def inbox(tmp_path: Path) -> Inbox:
    return await morning(f"sqlite+aiosqlite:///{tmp_path / 'inbox.sqlite'}")
