"""Opening a store looks first: what is not ours is not touched, what is damaged is named."""

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from pfinbox.store.sqlite.header import APPLICATION_ID
from tests.builders import Inbox
from tests.cli.conftest import Cli, on_both
from tests.servers.postgres import PgServer

VERBS = (
    ("task", "list"),
    ("status",),
    ("db", "check"),
    ("db", "upgrade"),
    ("daemon", "--once"),
    ("backup", "{folder}/b"),
)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The daemon's verb sets up the log of its process, which is ours here."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def picture(folder: Path) -> dict[str, str]:
    """Every file by its bytes."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
    }


def _customers(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("create table customers (id integer primary key, name text)")


def _task(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("create table task (id integer)")
        database.execute("create table alembic_version (version_num text)")
        database.execute("insert into alembic_version values ('0100')")


def _stamped(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("pragma application_id = 42")


def _empty(path: Path) -> None:
    """A database of no table yet, whose program runs."""
    with sqlite3.connect(path) as database:
        database.execute("pragma journal_mode = wal")
    database.close()


@pytest.mark.parametrize("foreign", [_customers, _task, _stamped, _empty])
def test_another_program_s_file_is_left_as_it_is(
    cli: Cli, tmp_path: Path, foreign: Callable[[Path], None]
) -> None:
    cli("backup", tmp_path / "good")
    folder = tmp_path / "there"
    folder.mkdir()
    foreign(folder / "app.sqlite")
    before = picture(folder)
    cli.config.write_text(f'[database]\nurl = "sqlite:///{folder}/app.sqlite"\n')
    for verb in (*VERBS, ("restore", str(tmp_path / "good"), "--force")):
        said = cli(*(word.format(folder=tmp_path) for word in verb), code=4)
        assert "another program" in said.err, verb
        assert picture(folder) == before, verb
    assert "another program" in cli("doctor", code=1).out
    assert picture(folder) == before


def test_a_file_that_another_program_writes_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "app.sqlite"
    writer = sqlite3.connect(path)
    writer.execute("pragma journal_mode = wal")
    writer.execute("create table customers (id)")
    writer.execute("begin immediate")
    before = picture(tmp_path)
    cli.config.write_text(f'[database]\nurl = "sqlite:///{path}"\n')
    assert "another program" in cli("task", "list", code=4).err
    after = picture(tmp_path)
    assert {**after, cli.config.name: ""} == {**before, cli.config.name: ""}
    writer.close()


def test_an_empty_file_is_a_missing_store(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "mine.sqlite"
    path.touch()
    cli.config.write_text(f'[database]\nurl = "sqlite:///{path}"\n')
    assert cli.json("task", "list") == []
    assert int.from_bytes(path.read_bytes()[68:72]) == APPLICATION_ID


def test_another_program_s_schema_is_left_as_it_is(
    cli: Cli, pg_url: str, pg_server: PgServer
) -> None:
    name = str(make_url(pg_url).database)
    cli.config.write_text(f'[database]\nurl = "{pg_url}"\n')
    pg_server.sql("create table customers (id integer); create sequence other", name)
    for verb in VERBS:
        said = cli(*(word.format(folder=cli.config.parent) for word in verb), code=4)
        assert "customers, which is another program's" in said.err, verb
    # Nothing was made: what is there goes in one line, and then it is an empty database.
    pg_server.sql("drop table customers; drop sequence other", name)
    pg_server.sql("create view customers as select 1", name)
    assert "another program" in cli("task", "list", code=4).err
    pg_server.sql("drop view customers", name)
    # Another schema's tables are no matter.
    pg_server.sql("create schema shop create table customers (id integer)", name)
    assert cli.json("task", "list") == []


@on_both
def test_a_store_of_an_unreleased_version_is_refused(cli: Cli) -> None:
    async def grow_old(inbox: Inbox) -> None:
        async with inbox.store.write() as uow:
            await uow.connection.exec_driver_sql("update alembic_version set version_num = '0001'")
            await uow.commit()
        if inbox.store.sqlite:
            async with inbox.store.engine.connect() as connection:
                await connection.exec_driver_sql("pragma application_id = 0")
                await connection.commit()

    cli("task", "list")
    cli.inbox(grow_old)
    for verb in VERBS:
        said = cli(*(word.format(folder=cli.config.parent) for word in verb), code=4)
        assert "unreleased" in said.err, verb
        assert "cannot be upgraded" in said.err


def test_a_damaged_page_is_named_with_the_last_backup(cli: Cli, tmp_path: Path) -> None:
    """Whatever page it is: one sentence and exit 4 of the verbs that meet it; no daemon starts."""

    async def fill(inbox: Inbox) -> None:
        for n in range(4):
            await inbox.says(f"Question {n} " + "x" * 2000, user=str(n))
            await inbox.comment(n + 1, "A note", to=[])

    cli.inbox(fill)
    source = Path(cli.url.partition("///")[2])
    cli("backup", tmp_path / "good")
    with sqlite3.connect(source) as database:
        database.execute("pragma wal_checkpoint(truncate)")
        database.execute("pragma journal_mode = delete")
    database.close()
    sound = source.read_bytes()
    size = int.from_bytes(sound[16:18])
    cli.config.write_text(f'[database]\nurl = "sqlite:///{source}"\n')
    met = 0
    for page in range(0, len(sound) // size, 17):
        broken = bytearray(sound)
        start = page * size + (100 if page == 0 else 0)
        broken[start : start + 64] = b"\xff" * 64
        source.write_bytes(broken)
        for ending in ("-wal", "-shm"):
            source.with_name(source.name + ending).unlink(missing_ok=True)
        for verb in (("task", "list"), ("task", "show", "1"), ("search", "question"), ("status",)):
            said = cli.raw(*verb)
            assert said.code in (0, 4), (page, verb, said)
            assert "pfinbox failed" not in said.err
            if said.code == 4:
                met += 1
                assert "db check" in said.err, said
                assert str(tmp_path / "good") in said.err
        found = cli.raw("db", "check")
        if found.code == 0:
            continue  # a page of free space, or the words of a text
        for verb in (("daemon", "--once"), ("db", "check")):
            said = cli(*verb, code=4)
            assert "is damaged" in said.err, said
            assert str(tmp_path / "good") in said.err
    assert met


def test_a_store_that_is_damaged_somewhere_gives_way_to_its_backup(
    cli: Cli, tmp_path: Path
) -> None:
    """It opens as ever; only to copy it whole is impossible."""

    async def fill(inbox: Inbox) -> None:
        await inbox.says("Question")

    cli.inbox(fill)
    source = Path(cli.url.partition("///")[2])
    cli("backup", tmp_path / "good")
    with sqlite3.connect(source) as database:
        database.execute("pragma journal_mode = delete")
        (page,) = database.execute(
            "select rootpage from sqlite_master where name = 'comment'"
        ).fetchone()
    database.close()
    broken = bytearray(source.read_bytes())
    size = int.from_bytes(broken[16:18])
    broken[(page - 1) * size : page * size] = b"\xff" * size
    source.write_bytes(broken)
    cli("task", "list")
    assert "is damaged" in cli("db", "check", code=4).err
    cli("restore", tmp_path / "good", "--force")
    cli("db", "check")
    assert len(cli.json("task", "show", 1)["comments"]) == 1
    aside = [one.read_bytes() for one in source.parent.glob("*.before-restore-*")]
    # With what can be saved of it by hand.
    assert sum(b"\xff" * size in one for one in aside) == 1
