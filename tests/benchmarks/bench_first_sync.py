"""A full mailbox at first start: a real daemon, a real Dovecot, and everything that may go wrong.

    python -m tests.benchmarks.bench_first_sync [mails] [bytes of each] [database URL]

Measured while years of mail come in (``first_sync = "all"``): memory, rate, the progress that is
shown, how long an agent's own write waits, how soon a mail that arrives meanwhile is there. Half
way the daemon is killed with -9 and started again. At the end every mail has to be here once, with
its very bytes.
"""

import asyncio
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from base64 import encodebytes
from collections.abc import Iterator
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
from tests.servers.dovecot import PASSWORD, Mailbox, run_dovecot

BIG = 20_000_000
BIG_ONES = 4
NEW_EVERY = 10.0
SHOWN_EVERY = 10.0
# Two and a half years, mail by mail.
_FIRST = time.time() - 900 * 86400


@dataclass
class Watch:
    """What was measured; megabytes and seconds."""

    daemon: float = 0.0
    reader: float = 0.0
    waits: list[float] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)


def mail(number: int, size: int) -> bytes:
    """Every fourth begins a thread; most of it is a file, as mail is."""
    rare = random.Random(number)
    head = {
        "From": f"Client {number % 500} <client{number % 500}@example.org>",
        "To": "support@example.com",
        "Subject": f"Question {number // 4}",
        "Message-ID": f"<{number}@example.org>",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/mixed; boundary="B"',
    }
    if number % 4:
        head["References"] = f"<{number - 1}@example.org>"
    words = " ".join(rare.choices(("where", "is", "my", "order", "invoice", "delivery"), k=300))
    file = encodebytes(rare.randbytes(max(size - 3000, 100) * 72 // 100)).decode()
    lines = "".join(f"{name}: {value}\n" for name, value in head.items())
    text = f"--B\nContent-Type: text/plain; charset=utf-8\n\n{words}\n"
    part = 'Content-Type: application/pdf; name="order.pdf"\nContent-Transfer-Encoding: base64'
    whole = f"{lines}\n{text}--B\n{part}\n\n{file}--B--\n"
    return whole.encode().replace(b"\n", b"\r\n")


def fill(mailbox: Mailbox, count: int, size: int) -> set[str]:
    """Straight into the Maildir, as after a move to another server; their sha256."""
    folder = mailbox.server.folder / "mail" / mailbox.username / "Maildir" / "cur"
    # Made by the server, so that it belongs to whom it should.
    with mailbox.imap() as imap:
        imap.select()
    folder.mkdir(parents=True, exist_ok=True)
    hashes = set()
    spread = max(count // (BIG_ONES + 1), 1)
    for number in range(count):
        big = number % spread == spread - 1 and number // spread < BIG_ONES
        data = mail(number, BIG if big else size)
        hashes.add(hashlib.sha256(data).hexdigest())
        path = folder / f"{int(_FIRST)}.M{number:07d}.bench,S={len(data)}:2,S"
        path.write_bytes(data)
        at = _FIRST + number * 900 * 86400 / count
        os.utime(path, (at, at))
    if os.geteuid() == 0:
        _give_to_owner(folder.parent)
    return hashes


def _give_to_owner(folder: Path) -> None:
    owner = folder.parent.parent.stat()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)


def config(folder: Path, mailbox: Mailbox, url: str) -> Path:
    path = folder / "config.toml"
    path.write_text(
        f"""
[database]
url = "{url}"
[accounts.support]
channel = "email"
address = "support@example.com"
first_sync = "all"
imap = {{ host = "{mailbox.host}", port = {mailbox.port}, tls = "none", \
username = "{mailbox.username}", password = "{PASSWORD}" }}
"""
    )
    path.chmod(0o600)
    return path


def _processes(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield int(child)


def _peak(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1000 for line in text.splitlines() if "VmHWM" in line)


def look(process: "subprocess.Popen[bytes]", watch: Watch) -> None:
    try:
        watch.daemon = max(watch.daemon, _peak(process.pid))
        for child in _processes(process.pid):
            watch.reader = max(watch.reader, _peak(child))
    except (OSError, StopIteration):  # gone between two looks
        return


async def here(store: Store) -> int:
    async with store.read() as uow:
        query = select(func.count()).select_from(t.receipt)
        return int(await uow.connection.scalar(query) or 0)


async def detail(store: Store) -> str:
    async with store.read() as uow:
        row = (await uow.connection.execute(select(t.account.c.state, t.account.c.detail))).first()
    if row is None:
        return "nothing yet"
    return f"{row.state}: {Reason.from_json(row.detail).sentence()}" if row.detail else row.state


async def agent_writes(store: Store, agent_id: int, watch: Watch) -> None:
    """A note every half second, as an agent would: how long the import keeps it waiting."""
    while True:
        async with store.read() as uow:
            task_id = await uow.connection.scalar(select(func.min(t.task.c.id)))
        if task_id is not None:
            request = CommentRequest(task_id, "Seen by me.", Notify())
            began = time.perf_counter()
            await store.run(lambda uow: comments.add_comment(uow, AgentActor(agent_id), request))  # noqa: B023
            watch.waits.append(time.perf_counter() - began)
        await asyncio.sleep(0.5)


async def mails_arrive(store: Store, mailbox: Mailbox, watch: Watch) -> None:
    """One now and then: the years before it must not keep it waiting."""
    for number in range(10_000_000, 20_000_000):
        await asyncio.sleep(NEW_EVERY)
        name = f"<{number}@example.org>"
        await asyncio.to_thread(
            mailbox.deliver,
            mail(number * 4, 2000).replace(f"<{number * 4}@example.org>".encode(), name.encode()),
        )
        began = time.perf_counter()
        query = select(t.task.c.active).join(t.comment, t.comment.c.task_id == t.task.c.id)
        while True:
            async with store.read() as uow:
                active = await uow.connection.scalar(query.where(t.comment.c.source_id == name))
            if active is not None:
                assert active, "a new mail was taken for history"
                break
            await asyncio.sleep(0.02)
        watch.arrivals.append(time.perf_counter() - began)


class Program:
    """The daemon, ended whatever happens."""

    def __init__(self, path: Path, log: Path) -> None:
        self._path, self._log = path, log
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "pfinbox", "--config", str(self._path), "daemon"]
        with self._log.open("ab") as out:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def kill_and_start(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = self.start()

    def check(self) -> None:
        assert self.process.poll() is None, self._log.read_text()[-3000:]

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.wait()


async def main(count: int, size: int, url: str, folder: Path) -> None:
    with run_dovecot() as server:
        mailbox = server.user()
        hashes = await asyncio.to_thread(fill, mailbox, count, size)
        _print(f"{count} mails, {_megabytes(server.folder):.0f} MB")
        with Program(config(folder, mailbox, url), folder / "daemon.log") as program:
            store = await made(program, url)
            await watched(program, store, mailbox, count)
        await check(store, hashes)
        await store.close()


async def made(program: Program, url: str) -> Store:
    """The store, as soon as the daemon has made it."""
    store = Store(url)
    while True:
        await asyncio.sleep(0.2)
        program.check()
        try:
            await detail(store)
        except StoreError:  # there is no table yet
            continue
        return store


async def watched(program: Program, store: Store, mailbox: Mailbox, count: int) -> None:
    watch, began, shown, killed = Watch(), time.perf_counter(), -100.0, 0.0
    agent = await store.run(lambda uow: agents.sign_in(uow, "anna"))
    beside = [
        asyncio.create_task(agent_writes(store, agent.id, watch)),
        asyncio.create_task(mails_arrive(store, mailbox, watch)),
    ]
    while (found := await here(store)) < count + len(watch.arrivals):
        for task in beside:
            if task.done():
                task.result()
        program.check()
        look(program.process, watch)
        if not killed and found > count / 2:
            killed = time.perf_counter() - began
            program.kill_and_start()
        if time.perf_counter() - began - shown > SHOWN_EVERY:
            shown = time.perf_counter() - began
            _print(f"{shown:6.0f} s {found:7d}  {await detail(store)}")
        await asyncio.sleep(0.25)
    took = time.perf_counter() - began
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    await asyncio.sleep(3)
    _print(f"at the end: {await detail(store)}")
    _report(count, took, killed, watch)


async def check(store: Store, hashes: set[str]) -> None:
    by_direction = select(t.comment.c.direction, func.count()).group_by(t.comment.c.direction)
    by_state = select(t.task.c.active, func.count()).group_by(t.task.c.active)
    ids = select(t.comment.c.source_id).where(t.comment.c.source_id.is_not(None))
    async with store.read() as uow:
        c = uow.connection
        rows = (await c.execute(select(t.receipt.c.sha256, t.receipt.c.state))).all()
        doubles = await c.scalars(ids.group_by(t.comment.c.source_id).having(func.count() > 1))
        doubled = len(doubles.all())
        said = [tuple(row) for row in await c.execute(by_direction)]
        tasks = [tuple(row) for row in await c.execute(by_state)]
    found = [row.sha256 for row in rows]
    _print(f"lost: {len(hashes - set(found))}, receipts twice: {len(found) - len(set(found))}")
    _print(f"comments twice: {doubled}, not shown: {sum(r.state != 'shown' for r in rows)}")
    _print(f"comments: {said}; tasks, by whether they are active: {tasks}")


def _report(count: int, took: float, killed: float, watch: Watch) -> None:
    _print(f"{count / took:.1f} mails/s, {took:.0f} s (killed and started again at {killed:.0f} s)")
    _print(f"peak memory: daemon {watch.daemon:.0f} MB, reading process {watch.reader:.0f} MB")
    for name, values in (("agent's write", watch.waits), ("new mail is here", watch.arrivals)):
        if values := sorted(values):
            middle, late = values[len(values) // 2], values[int(len(values) * 0.99)]
            line = f"half within {middle:.2f} s, 99 % {late:.2f} s, all {values[-1]:.2f} s"
            _print(f"{name} ({len(values)}): {line}")


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    each = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    place = Path(tempfile.mkdtemp(prefix="bench"))
    try:
        default = f"sqlite+aiosqlite:///{place / 'bench.sqlite'}"
        asyncio.run(main(mails, each, sys.argv[3] if len(sys.argv) > 3 else default, place))
    finally:
        shutil.rmtree(place, ignore_errors=True)
