"""What is started once for all rows: Dovecot, PostgreSQL, the launcher, and a store to copy."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from pfinbox.services.people import agents
from pfinbox.store import schema
from pfinbox.store.uow import Store
from tests.faults.processes import Launcher, launching
from tests.servers.dovecot import Dovecot, restart, run_dovecot
from tests.servers.postgres import PgServer, run_postgres

# A commit survives the server's own end, though not the machine's: no flush is waited for.
_SURVIVES = ("fsync=off", "full_page_writes=off", "max_connections=100")


@dataclass(slots=True)
class Servers:
    """``folder`` is deleted at the end."""

    folder: Path
    dovecot: Dovecot
    launcher: Launcher
    postgres: PgServer | None = None
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def postgres_home(self) -> Path:
        """Where PostgreSQL's socket is."""
        assert self.postgres is not None
        return self.postgres.home

    def stop_dovecot(self) -> None:
        self.dovecot.doveadm("stop")

    def start_dovecot(self) -> None:
        restart(self.dovecot)

    def new_folder(self) -> Path:
        folder = self.folder / f"w{next(self._numbers)}"
        folder.mkdir()
        return folder

    def new_store(self, kind: str, folder: Path) -> str:
        """The URL of a store of its own, with the agent anna."""
        if kind == "sqlite":
            path = folder / "inbox.sqlite"
            shutil.copy(self.folder / "made.sqlite", path)
            return f"sqlite+aiosqlite:///{path}"
        assert self.postgres is not None
        self.postgres.sql(f"CREATE DATABASE {folder.name} TEMPLATE made")
        return self.postgres.url(folder.name)


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[None]:
    """A disk of this size in memory, at this folder; only root can do it."""
    disk = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)]
    subprocess.run(disk, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@asynccontextmanager
async def running(kinds: Collection[str]) -> AsyncIterator[Servers]:
    """Servers for stores of these kinds."""
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="pff", dir=shared if shared.exists() else None))
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        launcher = await stack.enter_async_context(launching())
        servers = Servers(folder, stack.enter_context(run_dovecot()), launcher)
        # One that was started again is no child of ours.
        stack.callback(servers.stop_dovecot)
        await _furnish(f"sqlite+aiosqlite:///{folder / 'made.sqlite'}")
        if "postgresql" in kinds:
            servers.postgres = await asyncio.to_thread(stack.enter_context, run_postgres(_SURVIVES))
            servers.postgres.sql("CREATE DATABASE made TEMPLATE template0")
            await _furnish(servers.postgres.url("made"))
        yield servers


async def _furnish(url: str) -> None:
    store = Store(url)
    await schema.create_missing(store)
    await store.run(lambda uow: agents.sign_in(uow, "anna"))
    await store.close()
