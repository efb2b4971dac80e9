"""Every schema that there ever was becomes today's, with all that is in it."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from pfinbox.services.system import soundness
from pfinbox.store import migrations, schema
from pfinbox.store.sqlite.header import HEAD
from pfinbox.store.uow import Store
from tests.builders import Inbox
from tests.cli.others import world
from tests.servers.postgres import PgServer
from tests.store.test_schema import described
from tests.store.upgrades.keeping import FOLDER, keep, kept_as, put_back

REVISIONS = [
    one.revision for one in ScriptDirectory.from_config(migrations.configuration()).walk_revisions()
]


async def counted(store: Store) -> dict[str, int]:
    """How many rows each table has that stands in the database, whatever today's tables are."""

    def count(connection: Connection) -> dict[str, int]:
        names = [one for one in inspect(connection).get_table_names() if "search" not in one]
        return {
            name: connection.scalar(text(f'select count(*) from "{name}"')) or 0 for name in names
        }

    async with store.read() as uow:
        return await uow.connection.run_sync(count)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_r12_a_store_of_every_schema_is_upgraded_with_all_that_is_in_it(
    inbox: Inbox,
    kind: str,
    revision: str,
    second_database_url: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    server: PgServer | None = None
    if kind == "postgresql":
        server = request.getfixturevalue("pg_server")
    file = kept_as(FOLDER, revision, kind)
    today = await described(inbox.store)
    if revision == HEAD:
        # Of today's schema none is kept yet: whatever changes the tables changes it, too.
        file = kept_as(tmp_path, revision, kind)
        await world(inbox)
        await keep(inbox.store, file, server)
    assert file.is_file(), (
        f"before a new revision is written: python -m tests.store.upgrades: {file}"
    )
    put_back(file, second_database_url, server)
    store = Store(second_database_url, inbox.clock)
    try:
        before = await counted(store)
        assert before["comment"] > 10
        await schema.upgrade(store)
        await schema.check(store)
        assert await described(store) == today
        after = await counted(store)
        assert {name: after[name] for name in before if name in after} == {
            name: n for name, n in before.items() if name in after
        }
        assert [one async for one in soundness.faults(store)] == []
        upgraded = Inbox(store, inbox.clock)
        upgraded.account_ids, upgraded.agent_ids = inbox.account_ids, inbox.agent_ids
        await upgraded.says("It goes on", user="777", name="Zofia")
    finally:
        await store.close()
