"""What can go wrong ends in one sentence on stderr and an exit code, and never in a secret."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from pfinbox.cli.entry import run
from pfinbox.store.uow import Store
from tests.builders import Inbox
from tests.cli.conftest import Cli, on_both

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
TWICE = """
import sys
from pfinbox.cli.entry import run
print(run(sys.argv[1:]), run([*sys.argv[1:], "--json"]))
"""


def test_wrong_use_is_two(cli: Cli) -> None:
    for line in ("nonsense", "task show", "task show x", "task list --nope"):
        said = cli(*line.split(), code=2)
        assert said.out == ""
        assert said.err


def test_a_wrong_configuration_is_three(cli: Cli) -> None:
    cli.config.write_text("[agnet]\n")
    assert "did you mean agent" in cli("task", "list", code=3).err
    cli.config.unlink()
    assert "does not exist" in cli("task", "list", code=3).err


@on_both
def test_an_older_or_newer_store_is_four_and_left_alone(cli: Cli) -> None:
    cli("task", "list")

    def stamp(revision: str) -> None:
        async def write() -> None:
            store = Store(cli.url)
            async with store.write() as uow:
                await uow.connection.execute(
                    text("update alembic_version set version_num = :revision"),
                    {"revision": revision},
                )
                await uow.commit()
            await store.close()

        asyncio.run(write())

    stamp("0001")
    said = cli("task", "list", code=4)
    assert "unreleased" in said.err
    assert said.out == ""
    stamp("9999")
    assert "9999" in cli("task", "list", code=4).err


def test_a_file_that_is_no_database_is_four(tmp_path: Path, cli: Cli) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("milk\n" * 500)
    cli.config.write_text(f'[database]\nurl = "sqlite:///{notes}"\n')
    assert "not a database" in cli("task", "list", code=4).err
    assert notes.read_text().startswith("milk")


@on_both
def test_the_database_can_be_checked_and_upgraded(cli: Cli) -> None:
    assert "up to date" in cli("db", "upgrade").out
    assert "fits together" in cli("db", "check").out

    async def forget(inbox: Inbox) -> None:
        await inbox.says()
        async with inbox.store.write() as uow:
            await uow.connection.execute(text("delete from search_text where comment_id = 1"))
            await uow.commit()

    cli.inbox(forget)
    said = cli("db", "check", code=1).out
    assert "can be mended  comments that the search index does not know as they are (1): 1" in said
    assert "--repair" in said
    fault = {"kind": "index_comment", "ids": [1], "mendable": True, "mended": False}
    assert json.loads(cli("db", "check", "--json", code=1).out) == {"faults": [fault]}
    assert cli.json("db", "check", "--repair") == {"faults": [fault | {"mended": True}]}
    assert cli.json("db", "check") == {"faults": []}


def test_a_fault_of_ours_shows_no_secret(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(f"https://api.example/bot{TOKEN}/getMe\nsecond line")

    monkeypatch.setattr("pfinbox.bootstrap.stores.open_store", broken)
    said = cli("task", "list", code=1)
    assert said.err.startswith("pfinbox failed: https://api.example/bot[secret]")
    assert said.err.count("\n") == 1
    monkeypatch.setenv("PFINBOX_DEBUG", "1")
    said = cli("task", "list", code=1)
    assert "Traceback" in said.err
    assert TOKEN not in said.err


def test_a_password_in_the_database_url_is_never_shown(cli: Cli) -> None:
    cli.config.write_text('[database]\nurl = "postgresql://u:hunter2@127.0.0.1:1/none"\n')
    said = cli("task", "list", code=4)
    assert "hunter2" not in said.err


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "sqlite:///{tmp_path / "x.sqlite"}"\n')
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "pfinbox", "--config", str(config), "agent", "list"],
        stdout=write,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


def test_output_survives_a_terminal_that_knows_ascii_only(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "sqlite:///{tmp_path / "x.sqlite"}"\n')
    words = ["--config", str(config), "--agent", "anna", "task", "new", "--title", "Łódź"]
    done = subprocess.run(
        [sys.executable, "-c", TWICE, *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.stdout.split()[-2:], done.stderr) == (["0", "0"], "")
    assert '"\\u0141\\u00f3d\\u017a"' in done.stdout


def test_help_needs_neither_configuration_nor_store(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    for words in (["--help"], ["task", "--help"], ["task", "comment", "-h"], ["--version"]):
        assert run(["--config", "/nowhere", *words]) == 0
    assert capsysbinary.readouterr().err == b""
