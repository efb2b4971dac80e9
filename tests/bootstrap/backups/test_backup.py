"""A backup holds everything and is verified; restoring it changes all or nothing."""

import asyncio
import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pfinbox import config as configuration
from pfinbox.bootstrap.backups import manifest
from pfinbox.bootstrap.backups.backup import backup
from pfinbox.bootstrap.backups.manifest import BadBackup
from pfinbox.bootstrap.backups.moving import copy
from pfinbox.bootstrap.backups.restore import restore
from pfinbox.bootstrap.stores import open_store
from pfinbox.config import Config
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.leasing import Process
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.services.outbound import restore_guard
from pfinbox.services.privacy import trash
from pfinbox.services.system import leases, soundness
from pfinbox.services.tasks import tasks
from pfinbox.store import read, settings, snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Inbox, a_file, client
from tests.daemon.test_sender import a_sender
from tests.services.photograph import photograph
from tests.waiting import waits

SECRET = "hunter2-very-secret"


def configured(folder: Path, url: str) -> Config:
    folder.mkdir(exist_ok=True)
    path = folder / "config.toml"
    path.write_text(
        f'[database]\nurl = "{url}"\n[inbox]\ncompany = "Śruba \\"7\\""\nundo_send = 5\n'
        '[inbox.statuses]\nactive = ["new", "open", "waiting"]\ninactive = ["done", "rejected"]\n'
        f'[accounts.bot]\nchannel = "telegram"\ntoken = "{SECRET}"\n'
        '[accounts.support]\nchannel = "email"\naddress = "support@ours.example"\n'
        f'imap = {{ host = "imap", username = "u", password = "{SECRET}" }}\n'
        'smtp = { host = "smtp", username = "u", password = { env = "THEIRS" } }\n',
        "utf-8",
    )
    path.chmod(0o600)
    return configuration.load(path)


async def furnished(inbox: Inbox) -> None:
    """Two conversations merged, one purged at the end, a file, an answer and one that waits."""
    await inbox.says("First", files=(a_file(),))
    await inbox.mails("Second")
    await inbox.comment(1, "Answer", to=[client(1)])
    later = inbox.clock.now + timedelta(days=3)
    await inbox.comment(1, "Tomorrow", to=[client(1)], send_at=later)
    await inbox.says("Third", user="502", name="Olga")
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: tasks.change(uow, AgentActor(anna), (2,), TaskChange(status="done"))
    )


async def all_rows(inbox: Inbox) -> dict[str, list[dict[str, Any]]]:
    return await photograph(inbox)


@pytest.fixture(params=["sqlite", "postgresql"])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind to restore into."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'other' / 'new.sqlite'}"
    url: str = request.getfixturevalue("pg_url")
    return url


async def test_a_backup_of_either_database_restores_into_either(
    inbox: Inbox, other_url: str, tmp_path: Path
) -> None:
    await furnished(inbox)
    config = configured(tmp_path / "etc", inbox.store.url)
    made = await backup(inbox.store, config, tmp_path / "b")
    assert made.rows["comment"] == 5
    before = await photograph(inbox)
    other = configured(tmp_path / "etc2", other_url)
    await restore(other, tmp_path / "b")
    restored = Inbox(await open_store(other), inbox.clock)
    try:
        after = await photograph(restored)
        async with restored.store.read() as uow:
            held = await read.sending_held(uow)
            ids = await uow.connection.scalars(select(t.setting.c.value).order_by("name"))
            assert made.store_id in list(ids)
            hits = await read.tasks(uow, AgentActor(1), "all", query="answer")
        assert held is not None
        assert held.kind == "backup_restored"
        assert [row.id for row in hits.rows] == [1]
        assert [row["state"] for row in after["delivery"]] == ["unknown", "unknown"]
        # What has an unknown fate makes itself heard; all else is as it was.
        for name in ("delivery", "part", "task", "notice", "lease"):
            before.pop(name, None)
            after.pop(name, None)
        assert after == before
        # Numbers go on where they were.
        restored.account_ids, restored.agent_ids = inbox.account_ids, inbox.agent_ids
        assert await restored.says("Fourth", user="503", name="Piotr") == 6
        await nothing_leaves_until_released(restored)
    finally:
        await restored.store.close()


@pytest.fixture
def opposite_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the other kind."""
    if kind == "postgresql":
        return f"sqlite+aiosqlite:///{tmp_path / 'opposite.sqlite'}"
    url: str = request.getfixturevalue("pg_url")
    return url


async def test_what_is_written_when_the_copy_begins_is_in_it(inbox: Inbox, tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    async with inbox.store.write() as uow:
        await settings.write_setting(uow, "late", 1)
        moving = asyncio.create_task(copy(inbox.store, f"sqlite:///{path}"))
        await waits(inbox.store, moving)
        await uow.commit()
    await moving
    with pytest.raises(Refused, match="is not empty"):
        await copy(inbox.store, inbox.store.url)
    moved = Store(f"sqlite+aiosqlite:///{path}")
    async with moved.read() as uow:
        assert await snapshots.setting(uow, "late") == 1
    await moved.close()


async def test_the_whole_inbox_moves_to_the_other_database_and_the_old_one_is_silent(
    inbox: Inbox, opposite_url: str
) -> None:
    await furnished(inbox)
    before = await photograph(inbox)
    bare = opposite_url.replace("+aiosqlite", "").replace("+asyncpg", "")
    with pytest.raises(UsageError, match="--to: it must begin with"):
        await copy(inbox.store, "mysql://x/y")
    lease = await inbox.store.run(lambda uow: leases.start(uow, Process("here", 1)))
    with pytest.raises(Refused, match="a daemon is running on here"):
        await copy(inbox.store, bare)
    await inbox.store.run(lambda uow: leases.release(uow, lease))
    rows = await copy(inbox.store, bare)
    assert (rows["comment"], rows["task"]) == (5, 3)
    with pytest.raises(Refused, match="is not empty"):
        await copy(inbox.store, bare)
    moved = Inbox(Store(opposite_url), inbox.clock)
    moved.store.clock = inbox.clock
    moved.account_ids, moved.agent_ids = inbox.account_ids, inbox.agent_ids
    try:
        after = await photograph(moved)
        for name in ("lease", "account"):
            before.pop(name)
            after.pop(name)
        assert after == before
        assert [one async for one in soundness.faults(moved.store)] == []
        for one, texts in ((inbox, []), (moved, ["Answer"])):
            sender, channel = await a_sender(one)
            await sender.run_once()
            assert [part.text for part in channel.sent] == texts
        async with inbox.store.read() as uow:
            held = await read.sending_held(uow)
        assert held is not None
        assert held.kind == "database_copied"
    finally:
        await moved.store.close()


async def nothing_leaves_until_released(restored: Inbox) -> None:
    """What was not final stays a person's, what is written since goes when somebody has looked."""
    await restored.comment(3, "Here again", to=[client(3)])
    sender, channel = await a_sender(restored)
    await sender.run_once()
    assert channel.sent == []
    anna = restored.actor("anna")
    await restored.store.run(lambda uow: restore_guard.release(uow, anna))
    await sender.run_once()
    assert [one.text for one in channel.sent] == ["Here again"]


async def test_the_configuration_goes_along_without_its_secrets(
    inbox: Inbox, tmp_path: Path
) -> None:
    config = configured(tmp_path / "etc", "postgresql://me:pw-secret@db/inbox")
    await backup(inbox.store, config, tmp_path / "b")
    for file in (tmp_path / "b").iterdir():
        assert SECRET.encode() not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0
    text_ = (tmp_path / "b" / "config.toml").read_text("utf-8")
    assert "pw-secret" not in text_
    assert 'env = "PFINBOX_SUPPORT_IMAP_PASSWORD"' in text_
    again = configuration.load(tmp_path / "b" / "config.toml")
    assert again.inbox == config.inbox
    assert again.accounts["bot"].settings == {"token": {"env": "PFINBOX_BOT_TOKEN"}}
    smtp = again.accounts["support"].settings["smtp"]
    assert smtp == {"host": "smtp", "username": "u", "password": {"env": "THEIRS"}}
    with pytest.raises(UsageError, match="not empty"):
        await backup(inbox.store, config, tmp_path / "b")


def spoilt(folder: Path, how: str) -> str:
    """Damage a backup; the words that must say so."""
    database, notes = folder / manifest.DATABASE, folder / manifest.NAME
    if how == "missing":
        database.unlink()
        return "pfinbox.sqlite is missing"
    if how == "changed":
        with database.open("r+b") as file:
            file.seek(5000)
            file.write(b"\xff" * 100)
        return "changed or is damaged"
    value = json.loads(notes.read_text())
    if how == "rows":
        value["rows"]["comment"] = 99
    else:
        value["format"] = 7
    notes.write_text(json.dumps(value))
    return "instead of 99" if how == "rows" else "a newer pfinbox"


async def test_nothing_changes_unless_the_backup_is_sound_and_the_store_may_go(
    inbox: Inbox, tmp_path: Path
) -> None:
    await furnished(inbox)
    config = configured(tmp_path / "etc", inbox.store.url)
    good = tmp_path / "good"
    await backup(inbox.store, config, good)
    await inbox.says("Since then")
    before = await photograph(inbox)
    with pytest.raises(NotFound, match="no backup in"):
        await restore(config, tmp_path / "nowhere", force=True)
    for how in ("missing", "changed", "rows", "newer"):
        bad = Path(shutil.copytree(good, tmp_path / how))
        words = spoilt(bad, how)
        with pytest.raises(BadBackup, match=words):
            await restore(config, bad, force=True)
    with pytest.raises(Refused, match="not empty; with --force"):
        await restore(config, good)
    lease = await inbox.store.run(lambda uow: leases.start(uow, Process("here", 7)))
    async with inbox.store.write() as uow:
        # The commands go by the machine's clock.
        now = Store(inbox.store.url).clock()
        await uow.connection.execute(t.lease.update().values(heartbeat_at=now))
        await uow.commit()
    with pytest.raises(Refused, match="a daemon is running on here"):
        await restore(config, good, force=True)
    await inbox.store.run(lambda uow: leases.release(uow, lease))
    after = await photograph(inbox)
    assert {**after, "lease": []} == {**before, "lease": []}


async def test_r34_what_was_purged_since_stays_purged(inbox: Inbox, tmp_path: Path) -> None:
    await furnished(inbox)
    config = configured(tmp_path / "etc", inbox.store.url)
    await backup(inbox.store, config, tmp_path / "b")
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(anna), (3,)))
    await inbox.store.run(lambda uow: trash.purge(uow, AgentActor(anna), (3,)))
    await inbox.says("Since then")
    await restore(config, tmp_path / "b", force=True)
    async with inbox.store.read() as uow:
        texts = set(await uow.connection.scalars(select(t.comment.c.text)))
        raw = list(await uow.connection.scalars(select(t.receipt.c.raw)))
    assert texts == {"First", "Second", "Answer", "Tomorrow"}
    assert sorted(map(bytes, raw)) == [b"", b"First", b"Second"]
    if inbox.store.path is not None:
        (kept,) = inbox.store.path.parent.glob("inbox.sqlite.before-restore-*")
        old = Inbox(Store(f"sqlite+aiosqlite:///{kept}"), inbox.clock)
        async with old.store.read() as uow:
            assert "Since then" in set(await uow.connection.scalars(select(t.comment.c.text)))
        await old.store.close()
