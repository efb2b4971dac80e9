"""The throw-away databases are what other tests rely on: empty, apart, of both kinds."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.servers.required import missing


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_has_an_empty_database(database_url: str, turn: int) -> None:
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            assert connection.dialect.name == database_url.partition("+")[0]
            # would exist already in the second turn if the first one's database were still there
            await connection.execute(text("CREATE TABLE pigeon (name TEXT)"))
            await connection.execute(text("INSERT INTO pigeon VALUES ('Ключ')"))
            assert (await connection.execute(text("SELECT name FROM pigeon"))).scalar() == "Ключ"
    finally:
        await engine.dispose()


def test_a_missing_server_skips_but_never_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PFINBOX_REQUIRE_SERVERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no carrier pigeons"):
        missing("no carrier pigeons")
    monkeypatch.setenv("PFINBOX_REQUIRE_SERVERS", "1")
    with pytest.raises(pytest.fail.Exception, match="no carrier pigeons"):
        missing("no carrier pigeons")
