"""A kill in the middle of an upgrade, by a program that is one revision newer than today's."""

import asyncio
import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

import pfinbox
from pfinbox.services.system import soundness
from pfinbox.store import schema
from pfinbox.store.sqlite.header import HEAD
from tests.builders import Inbox
from tests.cli.others import world

NEXT = f"{int(HEAD) + 1:04}"
# With all that it has written, and before anything of that is committed.
_REVISION = f"""
import os, signal
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{NEXT}", "{HEAD}", None, None

def upgrade():
    op.add_column("task", sa.Column("invented", sa.Integer()))
    op.execute("UPDATE task SET invented = id")
    op.execute("DELETE FROM notice")
    op.create_index("invented_index", "task", ["invented"])
    if "PFINBOX_DIES" in os.environ:
        op.execute("UPDATE alembic_version SET version_num = '{NEXT}'")
        os.kill(os.getpid(), signal.SIGKILL)
"""


def newer(folder: Path) -> None:
    """The program with one revision more."""
    package = folder / "pfinbox"
    ours = Path(pfinbox.__file__).parent
    shutil.copytree(ours, package, ignore=shutil.ignore_patterns("__pycache__"))
    store = package / "store"
    header = store / "sqlite" / "header.py"
    told = re.sub(f'^HEAD = "{HEAD}"', f'HEAD = "{NEXT}"', header.read_text("utf-8"), flags=re.M)
    header.write_text(told, "utf-8")
    (store / "migrations" / "versions" / f"{NEXT}_invented.py").write_text(_REVISION, "utf-8")


async def test_r12_an_upgrade_that_is_killed_has_not_begun(
    inbox: Inbox, kind: str, tmp_path: Path
) -> None:
    """The store is the old one, whole, and the next attempt makes it the new one."""
    await world(inbox)
    newer(tmp_path)
    config = tmp_path / "config.toml"
    url = inbox.store.url.replace("+aiosqlite", "").replace("+asyncpg", "")
    config.write_text(f"[database]\nurl = {url!r}\n", "utf-8")

    async def upgrade(**more: str) -> int:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pfinbox", "--config", config, "--agent", "anna"),
            *("db", "upgrade"),
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path), **more},
        )
        return await process.wait()

    async def told(query: str) -> list[tuple[object, ...]]:
        async with inbox.store.read() as uow:
            return [tuple(row) for row in await uow.connection.execute(text(query))]

    before = await told("SELECT id, title, last_activity_at FROM task ORDER BY id")
    assert await upgrade(PFINBOX_DIES="1") == -signal.SIGKILL
    await schema.check(inbox.store)
    assert [one async for one in soundness.faults(inbox.store)] == []
    assert await told("SELECT id, title, last_activity_at FROM task ORDER BY id") == before
    with pytest.raises(Exception, match="invented"):
        await told("SELECT invented FROM task")
    assert await upgrade() == 0
    assert await told("SELECT version_num FROM alembic_version") == [(NEXT,)]
    assert await told("SELECT id, title, last_activity_at FROM task ORDER BY id") == before
    assert await told("SELECT id FROM task WHERE invented IS NULL OR invented != id") == []
