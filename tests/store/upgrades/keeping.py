"""A store as one file, and back: SQLite's own, PostgreSQL's as its ``pg_dump`` writes it."""

import asyncio
import gzip
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from pfinbox.bootstrap.backups.backup import vacuum_into
from pfinbox.store.uow import Store
from tests.servers.postgres import PgServer

FOLDER = Path(__file__).parent
_ONLY_THE_STORE = ("--schema=public", "--no-owner", "--no-privileges", "--rows-per-insert=200")


def kept_as(folder: Path, revision: str, kind: str) -> Path:
    return folder / f"{revision}.{kind}.gz"


async def keep(store: Store, file: Path, server: PgServer | None) -> None:
    """Write the store to ``file``; of PostgreSQL on ``server``."""
    if server is None:
        copy = file.with_suffix(".part")
        await vacuum_into(store, copy)
        file.write_bytes(gzip.compress(copy.read_bytes(), mtime=0))
        copy.unlink()
        return
    program = [f"{server.binaries}/pg_dump", *_where(server, store.url), *_ONLY_THE_STORE]
    dump = await asyncio.to_thread(subprocess.run, program, check=True, capture_output=True)
    # What another version of PostgreSQL would not know is of no matter to the data.
    lines = [one for one in dump.stdout.splitlines() if not one.startswith((b"SET ", b"\\"))]
    file.write_bytes(gzip.compress(b"\n".join(lines), mtime=0))


def put_back(file: Path, url: str, server: PgServer | None) -> None:
    """Make the empty database of ``url`` what the file says."""
    if server is None:
        with gzip.open(file) as packed, Path(make_url(url).database or "").open("wb") as target:
            shutil.copyfileobj(packed, target)
        return
    script = gzip.decompress(file.read_bytes()).replace(b"CREATE SCHEMA public;", b"")
    subprocess.run(
        [f"{server.binaries}/psql", "-qX", "-v", "ON_ERROR_STOP=1", *_where(server, url)],
        check=True,
        input=script,
        stdout=subprocess.DEVNULL,
    )


def _where(server: PgServer, url: str) -> tuple[str, ...]:
    return ("-h", str(server.home), "-U", "pfinbox", "-d", str(make_url(url).database))
