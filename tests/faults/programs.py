"""The programs of one world: its daemons, and the commands that people type beside them."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from pfinbox.store.engine import sqlite_path
from pfinbox.store.uow import Store
from tests.faults.crashing import Moment
from tests.faults.lines import Lines, config
from tests.faults.processes import Process
from tests.faults.servers import Servers
from tests.faults.sides import Sides
from tests.servers.certificates import Authority


@dataclass(eq=False)
class Programs:
    """``folder``: where their files are."""

    servers: Servers
    folder: Path
    store: Store
    sides: Sides
    lines: Lines
    # Seconds after which a daemon takes a silent one for dead, where that is not to be its own.
    silence: float | None = field(default=None, kw_only=True)
    # Says by how many seconds the daemons' clock is wrong, where it is.
    clock: Path | None = field(default=None, kw_only=True)
    # Whose certificates the programs trust, where a line has TLS.
    authority: Authority | None = field(default=None, kw_only=True)
    daemons: list[Process] = field(default_factory=list, kw_only=True)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def configs(self) -> tuple[Path, Path]:
        """The only files in which secrets may stand."""
        return self.config, self._near()

    @property
    def daemon(self) -> Process:
        """The one that was started last."""
        return self.daemons[-1]

    def write_config(self) -> None:
        """The configuration of this world's daemons, and one past the line to the database."""
        url = self.store.url
        self._write(self._near(), url)
        if self.lines.database is not None:
            url = url.replace(str(self.servers.postgres_home), str(self.folder))
        self._write(self.config, url)

    def _near(self) -> Path:
        return self.folder / "near.toml"

    def _write(self, path: Path, url: str) -> None:
        path.write_text(config(url, self.sides, self.lines))
        path.chmod(0o600)

    def env(self, name: str) -> Mapping[str, str]:
        """For a program on the machine ``name``."""
        env = {"XDG_STATE_HOME": str(self.folder / f"state-{name}"), "LANGUAGE": "en"}
        if self.authority is not None:
            env["SSL_CERT_FILE"] = str(self.authority.trusted)
        return env

    async def start(
        self,
        moment: Moment | None = None,
        *,
        machine: str = "one",
        counts: Path | None = None,
        near: bool = False,
        namesake: bool = False,
    ) -> Process:
        """A daemon; returns when its process is there, not when it serves.

        ``near``: beside the database, with no line between. ``namesake``: its host name and pid are
        those of every other such daemon.
        """
        process = await self.servers.launcher.start(
            "--config",
            str(self._near() if near else self.config),
            "daemon",
            log=self.folder / "daemon.log",
            env=self.env(machine),
            moment=moment,
            silence=self.silence,
            counts=counts,
            namesake=namesake,
            clock=self.clock,
        )
        self.daemons.append(process)
        return process

    async def typed(self, *arguments: str) -> tuple[int, str]:
        """The exit code of a ``pfinbox`` command of the agent anna, and what it says.

        That is not on the world's disk, which may be full.
        """
        return await self.servers.launcher.run(
            "--config",
            str(self.config),
            "--agent",
            "anna",
            *arguments,
            log=self.servers.folder / f"{self.folder.name}-{arguments[0]}.log",
            env=self.env("one"),
        )

    async def doctor(self) -> str:
        return (await self.typed("doctor"))[1]

    async def is_held(self) -> bool:
        """Whether somebody holds SQLite's write lock for long."""
        path = sqlite_path(self.store.url)
        return path is not None and await asyncio.to_thread(_locked, path)


def _locked(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=3, isolation_level=None)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False
