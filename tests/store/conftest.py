"""What the tests of the store share."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy.engine import make_url

from tests.servers.postgres import PgServer
from tests.store.seed import Seed


@pytest.fixture
async def seed(store_url: str) -> AsyncIterator[Seed]:
    """An empty store of each kind of database, to be filled row by row."""
    made = await Seed.make(store_url)
    yield made
    await made.store.close()


@pytest.fixture
def second_database_url(database_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Another empty database, of the same kind as the first."""
    if database_url.startswith("sqlite"):
        yield f"{database_url}.second"
        return
    server: PgServer = request.getfixturevalue("pg_server")
    name = f"{make_url(database_url).database}_second"
    server.sql(f"CREATE DATABASE {name} TEMPLATE template0")
    yield server.url(name)
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")
