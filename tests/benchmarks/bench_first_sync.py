"""A full mailbox at first start: a real daemon, a real Dovecot, and everything that may go wrong.

    python -m tests.benchmarks.bench_first_sync [--mails 3000] [--backlog] [--beside] [--unharmed]
        [--alone] [--postgres]

Years of mail come in (``first_sync = "all"``), or what came while the daemon was down
(``--backlog``). Half way the daemon is killed with -9 and started again; both starts are part of
the time. Measured: mails a second, the processor's time of the daemon and the processes that read
for it, their memory together (PSS), the disk; and mbsync with notmuch and mu over the same mailbox.
``--unharmed`` leaves out the kill: on PostgreSQL the next daemon waits 20 s for a dead one's lease.
``--beside`` has an agent write, and new mail arrive meanwhile, and tells how long both waited.
At the end every mail has to be here once, with its very bytes.
"""

import argparse
import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify
from pfinbox.errors import StoreError
from pfinbox.services.comments import comments
from pfinbox.services.comments.comments import CommentRequest
from pfinbox.services.people import agents
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.benchmarks import mail_peers
from tests.benchmarks.support_mail import fill, mails
from tests.servers.dovecot import PASSWORD, Mailbox, run_dovecot
from tests.servers.postgres import run_postgres

NEW_EVERY = 2.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Watch:
    """What was measured; megabytes and seconds."""

    memory: float = 0.0
    # By process: the killed daemon's count as well.
    processor: dict[int, float] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)

    def look(self, root: int) -> None:
        together = 0.0
        for pid in (root, *_descendants(root)):
            try:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:  # gone between two looks
                continue
            together += next(int(li.split()[1]) for li in rollup.splitlines() if li[:4] == "Pss:")
            self.processor[pid] = (int(stat[11]) + int(stat[12])) / _TICK
        self.memory = max(self.memory, together / 1000)


def _descendants(pid: int) -> Iterator[int]:
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from _descendants(int(child))
    except OSError:
        return


def maildir(mailbox: Mailbox, count: int) -> None:
    """Straight into the Maildir, as after a move to another server."""
    folder = mailbox.server.folder / "mail" / mailbox.username / "Maildir" / "cur"
    # Made by the server, so that it belongs to whom it should.
    with mailbox.imap() as imap:
        imap.select()
    fill(folder, count)


def config(folder: Path, mailbox: Mailbox, url: str, first_sync: str) -> Path:
    path = folder / "config.toml"
    path.write_text(
        f"""
[database]
url = "{url}"
[accounts.support]
channel = "email"
address = "support@pfinbox.example"
first_sync = "{first_sync}"
imap = {{ host = "{mailbox.host}", port = {mailbox.port}, tls = "none", \
username = "{mailbox.username}", password = "{PASSWORD}" }}
"""
    )
    path.chmod(0o600)
    return path


class Program:
    """The daemon, ended whatever happens."""

    def __init__(self, path: Path, log: Path) -> None:
        self._path, self._log = path, log
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "pfinbox", "--config", str(self._path), "daemon"]
        with self._log.open("ab") as out:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def kill_and_start(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = self._start()

    def check(self) -> None:
        assert self.process.poll() is None, self._log.read_text()[-3000:]

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.wait()


async def scalar(store: Store, query: object) -> int | None:
    """None as long as there is no store."""
    try:
        async with store.read() as uow:
            found: int | None = await uow.connection.scalar(query)  # type: ignore[call-overload]
            return found
    except StoreError:
        return None


_HERE = select(func.count()).select_from(t.receipt)
_READY = select(func.count()).where(t.account.c.state == "ok")


async def agent_writes(store: Store, by: AgentActor, watch: Watch) -> None:
    """A note every half second: how long the import keeps an agent waiting."""
    while True:
        task_id = await scalar(store, select(func.min(t.task.c.id)))
        if task_id is not None:
            request = CommentRequest(task_id, "Seen by me.", Notify())
            began = time.perf_counter()
            await store.run(lambda uow: comments.add_comment(uow, by, request))  # noqa: B023
            watch.waits.append(time.perf_counter() - began)
        await asyncio.sleep(0.5)


async def mails_arrive(store: Store, mailbox: Mailbox, watch: Watch) -> None:
    """One now and then: the years before it must not keep it waiting."""
    while True:
        await asyncio.sleep(NEW_EVERY)
        name = f"<new{len(watch.arrivals)}@example.org>"
        new = f"From: new@client.example\r\nSubject: Now\r\nMessage-ID: {name}\r\n\r\nNow.\r\n"
        await asyncio.to_thread(mailbox.deliver, new.encode())
        began = time.perf_counter()
        query = select(t.task.c.active).join(t.comment, t.comment.c.task_id == t.task.c.id)
        query = query.where(t.comment.c.source_id == name)
        while (active := await scalar(store, query)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        assert active, "a new mail was taken for history"
        watch.arrivals.append(time.perf_counter() - began)


async def measure(options: argparse.Namespace, mailbox: Mailbox, url: str, folder: Path) -> None:
    store, watch, count = Store(url), Watch(), options.mails
    path = config(folder, mailbox, url, "new" if options.backlog else "all")
    if options.backlog:
        # The first contact, with an empty mailbox.
        with Program(path, folder / "daemon.log") as program:
            while not await scalar(store, _READY):
                program.check()
                await asyncio.sleep(0.1)
    await asyncio.to_thread(maildir, mailbox, count)
    beside: list[asyncio.Task[None]] = []
    began = looked = time.perf_counter()
    killed = 0.0
    with Program(path, folder / "daemon.log") as program:
        while (found := await scalar(store, _HERE) or 0) < count + len(watch.arrivals):
            if options.beside and found and not beside:
                agent = await store.run(lambda uow: agents.sign_in(uow, "anna"))
                beside.append(asyncio.create_task(agent_writes(store, AgentActor(agent.id), watch)))
                beside.append(asyncio.create_task(mails_arrive(store, mailbox, watch)))
            for task in beside:
                if task.done():
                    task.result()
            program.check()
            # What it costs to measure is taken from the daemon's share: two looks a second.
            if time.perf_counter() - looked > 0.5:
                looked = time.perf_counter()
                watch.look(program.process.pid)
            if not (killed or options.unharmed) and found > count / 2:
                killed = time.perf_counter() - began
                watch.look(program.process.pid)
                program.kill_and_start()
            await asyncio.sleep(0.1)
        took = time.perf_counter() - began
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        watch.look(program.process.pid)
    _print(f"pfinbox: {count / took:.0f} mails/s, {took:.1f} s (killed at {killed:.1f} s)")
    processor = sum(watch.processor.values()) * 1000 / count
    _print(f"  processor {processor:.2f} s per 1,000 mails, memory {watch.memory:.0f} MB")
    for name, values in (("an agent's write", watch.waits), ("a new mail", watch.arrivals)):
        if values := sorted(values):
            middle = values[len(values) // 2]
            _print(f"  {name} ({len(values)}): half {middle:.2f} s, all {values[-1]:.2f} s")
    await check(store, count)
    await store.close()
    if store.path is not None:
        megabytes = sum(path.stat().st_blocks * 512 for path in folder.glob("bench.sqlite*")) / 1e6
        _print(f"  disk {megabytes:.0f} MB")
    if not options.alone:
        compare(mailbox, folder, took)


async def check(store: Store, count: int) -> None:
    hashes = {hashlib.sha256(mail.data).hexdigest() for mail in mails(count)}
    ids = select(t.comment.c.source_id).where(t.comment.c.source_id.is_not(None))
    async with store.read() as uow:
        c = uow.connection
        rows = (await c.execute(select(t.receipt.c.sha256, t.receipt.c.state))).all()
        doubles = await c.scalars(ids.group_by(t.comment.c.source_id).having(func.count() > 1))
        tasks = select(t.task.c.active, func.count()).group_by(t.task.c.active)
        active = [tuple(row) for row in await c.execute(tasks)]
        row = (await c.execute(select(t.account.c.state, t.account.c.detail))).one()
    found = [row.sha256 for row in rows]
    detail = Reason.from_json(row.detail).sentence() if row.detail else ""
    _print(
        f"  lost {len(hashes - set(found))}, twice {len(found) - len(set(found))} receipts and"
        f" {len(doubles.all())} comments, not shown {sum(r.state != 'shown' for r in rows)},"
        f" tasks by whether they are active {active}, account {row.state} {detail}"
    )


def compare(mailbox: Mailbox, folder: Path, took: float) -> None:
    """The peers after us: the server has everything at hand for them."""
    for peer in mail_peers.run(mailbox, folder / "peers"):
        ratio = f"pfinbox {peer.seconds / took:.2f} times as fast"
        _print(f"{peer.name}: {peer.seconds:.1f} s, disk {peer.megabytes:.0f} MB; {ratio}")


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def database(folder: Path, *, postgres: bool) -> Iterator[str]:
    if not postgres:
        yield f"sqlite+aiosqlite:///{folder / 'bench.sqlite'}"
        return
    with run_postgres() as server:
        server.sql("CREATE DATABASE bench")
        yield server.url("bench")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mails", type=int, default=3000)
    parser.add_argument("--backlog", action="store_true", help="what came while it was down")
    parser.add_argument("--beside", action="store_true", help="an agent and new mail meanwhile")
    parser.add_argument("--unharmed", action="store_true", help="without the kill")
    parser.add_argument("--alone", action="store_true", help="without mbsync and its indexers")
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench"))
    try:
        with run_dovecot() as server, database(folder, postgres=options.postgres) as url:
            asyncio.run(measure(options, server.user(), url, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
