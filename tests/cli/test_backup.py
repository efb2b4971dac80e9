"""``pfinbox backup`` and ``restore`` as an admin calls them."""

import json
import shutil
from pathlib import Path

from pfinbox import config as configuration
from pfinbox.bootstrap.backups.backup import before_upgrade
from pfinbox.bootstrap.stores import open_store
from pfinbox.store import schema
from pfinbox.store.engine import sqlite_path
from pfinbox.store.uow import Store
from tests.cli.conftest import Cli, on_both
from tests.cli.test_outbox import stuck


@on_both
def test_a_backup_is_made_and_put_back(cli: Cli, tmp_path: Path) -> None:
    cli.inbox(stuck)
    folder = tmp_path / "saved"
    assert "1 tasks, 3 comments, 0 files; verified" in cli("backup", folder).out
    assert "not empty" in cli("backup", folder, code=2).err
    assert "not empty; with --force" in cli("restore", folder, code=6).err
    cli("restore", tmp_path / "nothing", code=5)
    cli("task", "set", 1, "--title", "Another one")
    said = cli("restore", folder, "--force").out
    assert "outbox release" in said
    assert cli.json("task", "show", 1)["title"] != "Another one"
    assert cli.json("status")["sending"] == "held"
    # The failed one had an end; the other one's is unknown now.
    assert [one["state"] for one in cli.json("outbox", "list")] == ["failed", "unknown"]
    path = sqlite_path(cli.url)
    if path is not None:
        path.write_bytes(b"no database at all" * 1000)
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        assert "not a database" in cli("restore", folder, code=4).err
        assert cli.json("restore", folder, "--force")["rows"]["task"] == 1
        assert cli.json("task", "show", 1)["id"] == 1
        aside = [one.read_bytes()[:5] for one in path.parent.glob("*.before-restore-*")]
        assert sorted(aside).count(b"no da") == 1


def test_only_whole_older_backups_of_this_store_make_room(cli: Cli, tmp_path: Path) -> None:
    cli.inbox(stuck)
    saved = tmp_path / "saved"
    days = [saved / f"day{n}" for n in range(5)]
    for day in days[:4]:
        cli("backup", day)
    # Not to be touched: a damaged one, one with another file in it, another store's, anything else.
    with (days[0] / "pfinbox.sqlite").open("ab") as damaged:
        damaged.write(b"x")
    (days[1] / "notes.txt").write_text("mine")
    (saved / "photos").mkdir()
    stranger = json.loads((days[3] / "manifest.json").read_text())
    shutil.copytree(days[3], saved / "other")
    (saved / "other" / "manifest.json").write_text(json.dumps(stranger | {"store_id": "x"}))
    cli("backup", days[4], "--keep", 0, code=2)
    found = cli.json("backup", days[4], "--keep", 2)
    assert found["removed"] == [str(days[2])]
    left = {path.name for path in saved.iterdir()}
    assert left == {"day0", "day1", "day3", "day4", "other", "photos"}
    assert str(days[3]) in cli("backup", saved / "day5", "--keep", 2).out


async def test_a_copy_is_kept_before_the_schema_changes(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    path = tmp_path / "inbox.sqlite"
    config.write_text(f'[database]\nurl = "sqlite:///{path}"\n', "utf-8")
    loaded = configuration.load(config)
    store = await open_store(loaded, upgrade=True)
    assert list(tmp_path.glob("*.before-upgrade-*")) == []
    await before_upgrade(store)
    await store.close()
    (kept,) = tmp_path.glob("inbox.sqlite.before-upgrade-*")
    assert kept.stat().st_mode & 0o077 == 0
    copy = Store(f"sqlite+aiosqlite:///{kept}")
    await schema.check(copy)
    await copy.close()


def test_the_inbox_is_copied_to_another_database(cli: Cli, tmp_path: Path) -> None:
    cli.inbox(stuck)
    assert "Missing option '--to'" in cli("db", "copy", code=2).err
    other = tmp_path / "other" / "new.sqlite"
    assert cli.json("db", "copy", "--to", f"sqlite:///{other}")["rows"]["comment"] == 3
    assert other.is_file()
    assert "is not empty" in cli("db", "copy", "--to", f"sqlite:///{other}", code=6).err
    assert cli.json("status")["sending"] == "held"
    said = cli("db", "copy", "--to", f"sqlite:///{tmp_path / 'third.sqlite'}").out
    assert "1 tasks, 3 comments, 0 files" in said
    assert "[database] url" in said
