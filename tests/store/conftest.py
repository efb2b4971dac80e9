"""What the tests of the store share."""

from collections.abc import AsyncIterator

import pytest

from tests.store.seed import Seed


@pytest.fixture
async def seed(database_url: str) -> AsyncIterator[Seed]:
    """An empty store of each kind of database, to be filled row by row."""
    made = await Seed.make(database_url)
    yield made
    await made.store.close()
