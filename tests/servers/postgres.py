"""A throw-away PostgreSQL server for the tests, and a fresh database on it for each of them."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from tests.servers.required import missing

_FAST = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60",
    # Nothing of this outlives the tests: no upkeep, no checkpoints between them.
    "autovacuum=off", "wal_level=minimal", "max_wal_senders=0", "checkpoint_timeout=1h",
    "max_wal_size=4GB",
    # A statement that comes again in a connection of a few milliseconds' work is not planned again.
    "plan_cache_mode=force_generic_plan",
)  # fmt: skip
# Foreign keys are off while rows go and come. Who forgot to leave and holds a lock is told.
_KEEP = """
CREATE SCHEMA kept;
DO $do$
DECLARE
  name text;
  filled boolean;
  body text := 'SET LOCAL session_replication_role = replica;
    SET LOCAL lock_timeout = ''10s'';';
BEGIN
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE kept.%s AS TABLE public.%s', name, name);
    body := body || format('DELETE FROM public.%s;', name);
    EXECUTE format('SELECT EXISTS (SELECT FROM kept.%s)', name) INTO filled;
    IF filled THEN
      body := body || format('INSERT INTO public.%s TABLE kept.%s;', name, name);
    END IF;
  END LOOP;
  FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT format(%L, %L, last_value, is_called) FROM public.%s',
      'PERFORM setval(%L, %s, %L);', 'public.' || name, name) INTO STRICT name;
    body := body || name;
  END LOOP;
  EXECUTE format('CREATE FUNCTION kept.put_back() RETURNS void LANGUAGE plpgsql AS %L',
    'BEGIN ' || body || ' END');
END $do$;
"""
_CLUSTER = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
_USER = "pfinbox"


@dataclass(frozen=True, slots=True)
class PgServer:
    """A running server; whoever may enter ``home`` may connect as its superuser."""

    binaries: Path
    # Where its unix socket is: each message costs a fifth of what loopback TCP takes.
    home: Path
    # One client a database that was kept, with the plans for putting it back.
    keepers: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://{_USER}@/{database}?host={self.home}"

    def sql(self, statement: str, database: str = "postgres") -> None:
        """Runs one statement outside any transaction."""
        subprocess.run(
            [*self._psql(database), "-c", statement], check=True, stdout=subprocess.DEVNULL
        )

    def dump(self, database: str) -> bytes:
        """Everything in it, as a backup has it."""
        command = (f"{self.binaries}/pg_dump", "-h", str(self.home), "-U", _USER, database)
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout

    def keep(self, database: str) -> None:
        """Remembers what is in it now, for ``put_back``."""
        self.sql(_KEEP, database)
        self.keepers[database] = subprocess.Popen(
            [*self._psql(database), "-At", "-v", "ON_ERROR_STOP=1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def put_back(self, database: str) -> None:
        """Makes it as it was kept: a hundredth of what it takes to copy a database."""
        keeper = self.keepers[database]
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        keeper.stdin.write("SELECT kept.put_back();\n\\echo done\n")
        keeper.stdin.flush()
        answer = [keeper.stdout.readline(), keeper.stdout.readline()]
        assert answer == ["\n", "done\n"], answer

    def _psql(self, database: str) -> tuple[str, ...]:
        where = ("-h", str(self.home), "-U", _USER, "-d", database)
        return (f"{self.binaries}/psql", "-qX", *where)


@pytest.fixture(scope="session")
def pg_server() -> Iterator[PgServer]:
    """One server for this test process (each worker of pytest-xdist has its own)."""
    with run_postgres(_FAST) as server:
        yield server


@contextmanager
def run_postgres(settings: Sequence[str] = ()) -> Iterator[PgServer]:
    """A server of its own, durable unless ``settings`` say otherwise."""
    binaries = _binaries()
    if binaries is None:
        missing("no PostgreSQL server on this machine (initdb)")
    # Not below pytest's tmp_path: a unix socket's path has at most 107 bytes, and when we are root
    # the server's own user must be able to come here.
    home = Path(tempfile.mkdtemp(prefix="pfpg-"))
    become = _unprivileged(home)
    env = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(home)}
    data = str(home / "data")
    try:
        subprocess.run(
            [*become, f"{binaries}/initdb", "-D", data, "-U", _USER, *_CLUSTER],
            check=True,
            env=env,
            cwd=home,
            stdout=subprocess.DEVNULL,
        )
        listen = ("-h", "", "-k", str(home))
        options = [word for option in settings for word in ("-c", option)]
        log = home / "log"
        with log.open("wb") as written:
            process = subprocess.Popen(
                [*become, f"{binaries}/postgres", "-D", data, *listen, *options],
                env=env,
                cwd=home,
                stdout=written,
                stderr=subprocess.STDOUT,
            )
        server = PgServer(binaries, home)
        try:
            _wait_until_ready(binaries, home, process, log)
            yield server
        finally:
            for keeper in server.keepers.values():
                keeper.communicate()
            process.send_signal(signal.SIGQUIT)  # at once: what it has not written is thrown away
            process.wait(20)
    finally:
        shutil.rmtree(home, ignore_errors=True)


_numbers = count(1)


@pytest.fixture
def pg_url(pg_server: PgServer) -> Iterator[str]:
    """The URL of an empty database that is this test's alone."""
    name = f"t{next(_numbers)}"
    pg_server.sql(f"CREATE DATABASE {name} TEMPLATE template0")
    yield pg_server.url(name)
    pg_server.sql(f"DROP DATABASE {name} WITH (FORCE)")


def _binaries() -> Path | None:
    """Where initdb is: as named, as Debian lays it (newest first), as brew does, or on PATH."""
    debian = glob.glob("/usr/lib/postgresql/*/bin")
    debian.sort(key=lambda path: float(path.split("/")[4]), reverse=True)
    brew = sorted(glob.glob("/opt/homebrew/opt/postgresql*/bin"), reverse=True)
    for folder in filter(None, [os.environ.get("PFINBOX_PG_BIN"), *debian, *brew]):
        if (Path(folder) / "initdb").exists():
            return Path(folder)
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _unprivileged(home: Path) -> list[str]:
    """What to put before a command so that it does not run as root, which PostgreSQL refuses."""
    if os.getuid() != 0:
        return []
    users = {user.pw_name: user for user in pwd.getpwall()}
    user = users.get("postgres") or users["nobody"]
    os.chown(home, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _wait_until_ready(
    binaries: Path, home: Path, process: subprocess.Popen[bytes], log: Path
) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        ready = [f"{binaries}/pg_isready", "-q", "-h", str(home)]
        if subprocess.run(ready).returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
