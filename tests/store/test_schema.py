"""A store is made, recognised, upgraded or refused."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from pfinbox.errors import StoreDamaged, StoreError
from pfinbox.store import migrations, schema
from pfinbox.store import tables as t
from pfinbox.store.sqlite import header
from pfinbox.store.sqlite.header import HEAD
from pfinbox.store.tables.search import in_metadata
from pfinbox.store.uow import Store

MARKS = {"store_id", "mac_key", "handed_over"}


async def migrate(store: Store) -> None:
    """Make a store by alembic alone, from nothing."""
    async with store.write() as uow:
        await uow.connection.run_sync(migrations.run)
        await uow.commit()


def plain(value: Any) -> Any:
    """What inspecting gives, in values that compare: types and conditions as their SQL."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((plain(one) for one in value), key=str)
    return str(value)


async def described(store: Store) -> dict[str, Any]:
    """Everything that the database knows about its tables."""

    def look(connection: Connection) -> dict[str, Any]:
        inspector = inspect(connection)
        found = {
            table: [
                inspector.get_columns(table),
                inspector.get_pk_constraint(table),
                inspector.get_foreign_keys(table),
                inspector.get_indexes(table),
                inspector.get_unique_constraints(table),
            ]
            for table in sorted(inspector.get_table_names())
        }
        return {table: plain(value) for table, value in found.items()}

    async with store.read() as uow:
        return await uow.connection.run_sync(look)


async def stamp(store: Store, revision: str) -> None:
    async with store.write() as uow:
        statement = text("update alembic_version set version_num = :revision")
        await uow.connection.execute(statement, {"revision": revision})
        await uow.commit()


def test_the_newest_revision_is_the_one_that_new_stores_are_stamped_with() -> None:
    script = ScriptDirectory.from_config(migrations.configuration())
    assert script.get_heads() == [HEAD]


async def test_a_migrated_store_is_the_same_as_a_created_one(
    database_url: str, second_database_url: str
) -> None:
    created, migrated = Store(database_url), Store(second_database_url)
    try:
        assert await schema.create_missing(created)
        await migrate(migrated)
        await schema.check(migrated)
        assert await described(created) == await described(migrated)
        for store in (created, migrated):
            async with store.read() as uow:
                rows = await uow.connection.execute(select(t.setting))
                assert {row.name for row in rows} == MARKS
    finally:
        await created.close()
        await migrated.close()


async def test_the_tables_are_what_the_store_has(database_url: str) -> None:
    store = Store(database_url)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"include_name": in_metadata})
        return list(compare_metadata(context, t.metadata))

    try:
        await schema.create_missing(store)
        async with store.read() as uow:
            assert await uow.connection.run_sync(differences) == []
    finally:
        await store.close()


async def test_a_store_is_made_once_and_upgrading_it_changes_nothing(database_url: str) -> None:
    store = Store(database_url)
    try:
        assert await schema.create_missing(store)
        assert not await schema.create_missing(store)
        assert not await schema.is_older(store)
        before = await described(store)
        await schema.upgrade(store)
        await schema.check(store)
        assert await described(store) == before
    finally:
        await store.close()


async def test_other_schemas_are_refused_by_their_name(database_url: str) -> None:
    store = Store(database_url)
    try:
        await schema.create_missing(store)
        await stamp(store, "0001")
        assert not await schema.is_older(store)
        with pytest.raises(StoreError, match="an unreleased pfinbox made this database"):
            await schema.check(store)
        await stamp(store, "9999")
        assert not await schema.is_older(store)
        with pytest.raises(StoreError, match="schema 9999, which this pfinbox does not know"):
            await schema.check(store)
    finally:
        await store.close()


async def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("remember the milk\n" * 100)
    store = Store(f"sqlite+aiosqlite:///{path}")
    try:
        with pytest.raises(StoreError, match="not a database"):
            await schema.create_missing(store)
    finally:
        await store.close()
    assert path.read_text().startswith("remember the milk")


async def test_opening_a_second_connection_keeps_the_locks_of_the_first(tmp_path: Path) -> None:
    """Whoever closes the file by another hand drops them, and the log is thrown away by others."""
    path = tmp_path / "inbox.sqlite"
    store = Store(f"sqlite+aiosqlite:///{path}")
    try:
        await schema.create_missing(store)
        async with store.read(), store.read() as uow:
            assert await uow.connection.scalar(select(t.setting.c.name).limit(1))
        # Another process comes and goes; the last one to go deletes the log.
        program = (
            f"import sqlite3; c = sqlite3.connect({str(path)!r});"
            "c.execute('select * from setting').fetchall(); c.close()"
        )
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
        assert await child.wait() == 0
        assert path.with_name("inbox.sqlite-wal").exists()
    finally:
        await store.close()


async def test_a_store_whose_log_is_being_moved_is_no_damaged_one(tmp_path: Path) -> None:
    """Its first page tells of pages that are not in the file yet."""
    path = tmp_path / "inbox.sqlite"
    store = Store(f"sqlite+aiosqlite:///{path}")
    await schema.create_missing(store)
    await store.close()
    with path.open("r+b") as file:
        file.truncate(2 * 4096)
    assert header.look(path) is False
    with pytest.raises(StoreDamaged):
        await schema.create_missing(store)
    await store.close()
