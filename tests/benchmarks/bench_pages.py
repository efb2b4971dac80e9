"""Clients' pages over HTTP at 1,000,000 tasks: python -m tests.benchmarks.bench_pages FILE [NAME].

FILE is the large SQLite store of ``bench_large``. For every page (with NAME in its name) of a
client with a few tasks and of one with a 200th of all: what it weighs with style and script,
unpacked, and the median and 95th percentile of a whole answer in milliseconds of the processor,
from the bytes of the request to those of the answer. Then how many pages of a task one processor
serves in a second, and what 1,000 idle streams of open pages take of memory.

The limits (R40): 50 KB, 50 ms, 60 MB.
"""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import delete, select, update

from pfinbox.domain.actor import ContactActor, SystemActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.listening import Listening
from pfinbox.domain.people.signing_in import IDLE, hash_of
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.people.signing_in import new_token
from pfinbox.store import schema
from pfinbox.store import tables as t
from pfinbox.store.read import portal
from pfinbox.store.uow import Store
from pfinbox.web.app import application
from pfinbox.web.portal.visiting import COOKIE
from pfinbox.web.server import Door
from pfinbox.web.site import Portal, Site
from tests.benchmarks.large_store import BUSY, QUIET

ROUNDS = 21
SECONDS = 10
STREAMS = 1_000
# Of one session.
AT_ONCE = 10


async def main(file: Path, name: str) -> None:
    store = Store(f"sqlite+aiosqlite:///{file}")
    await schema.create_missing(store)
    site = Site("https://x.example", Portal("Example Ltd", language="en", upload_limit=1_000_000))
    door = Door(application(ProgramInbox(store, SystemActor("web")), site), Listening("127.0.0.1"))
    sessions: list[str] = []
    try:
        for contact_id in (QUIET, BUSY):
            sessions += await _sign_in(store, contact_id, STREAMS // AT_ONCE)
        await door.open()
        client = await Client.start(door.address)
        first = {QUIET: sessions[0], BUSY: sessions[-1]}
        style = await client.get("/p/style.css", "")
        script = await client.get("/p/page.js", "")
        _say(f"style and script: {(len(style) + len(script)) / 1024:.1f} KB")
        for title, path, session in await _pages(store, first):
            if name in title:
                _say(await _measured(client, title, path, session, len(style) + len(script)))
        async with store.read() as uow:
            me = ContactActor(frozenset((BUSY,)))
            task = (await portal.contact_tasks(uow, me)).rows[0].id
        if not name:
            _say(await _load(client, f"/p/t/{task}", first[BUSY]))
            _say(await _streams(door.address, f"/p/t/{task}/news", sessions[STREAMS // AT_ONCE :]))
        await client.end()
    finally:
        await door.close()
        await _sign_out(store, sessions)
        await store.close()


async def _sign_in(store: Store, contact_id: int, count: int) -> list[str]:
    tokens = [new_token() for _n in range(count)]
    async with store.write() as uow:
        # No daemon has told the store what e-mail can do.
        by_mail = update(t.account).where(t.account.c.channel == "email")
        can = int(Capability.GLOBAL_ADDRESSES)
        await uow.connection.execute(by_mail.values(capabilities=can))
        for token in tokens:
            await uow.add(
                t.portal_session,
                token_hash=hash_of(token),
                contact_id=contact_id,
                cards=[contact_id],
                address=f"c{contact_id}@client.example",
                task_id=None,
                created_at=uow.now,
                last_seen_at=uow.now,
                expires_at=uow.now + IDLE,
            )
        await uow.commit()
    return tokens


async def _sign_out(store: Store, tokens: list[str]) -> None:
    async with store.write() as uow:
        hashes = [hash_of(one) for one in tokens]
        await uow.connection.execute(
            delete(t.portal_session).where(t.portal_session.c.token_hash.in_(hashes))
        )
        await uow.commit()


async def _pages(store: Store, sessions: dict[int, str]) -> list[tuple[str, str, str]]:
    """Title, path and session of each page."""
    found = [("sign in", "/p/", "")]
    async with store.read() as uow:
        for who, contact_id in (("quiet", QUIET), ("busy", BUSY)):
            me = ContactActor(frozenset((contact_id,)))
            tasks = (await portal.contact_tasks(uow, me)).rows
            longest = await uow.connection.scalar(
                select(t.comment.c.id).where(t.comment.c.task_id == tasks[0].id).limit(1)
            )
            of = sessions[contact_id]
            found += [
                (f"{who}: all tasks", "/p/", of),
                (f"{who}: open tasks", "/p/?show=open", of),
                (f"{who}: finished tasks", "/p/?show=finished", of),
                (f"{who}: search, common word", "/p/?q=order", of),
                (f"{who}: search, two words", "/p/?q=order+invoice", of),
                (f"{who}: search, rare word", "/p/?q=needle", of),
                (f"{who}: a task", f"/p/t/{tasks[0].id}", of),
                (f"{who}: a task in print", f"/p/t/{tasks[0].id}?print", of),
                (f"{who}: one comment", f"/p/t/{tasks[0].id}/c/{longest}", of),
                (f"{who}: a new task", "/p/new", of),
                (f"{who}: settings", "/p/me", of),
                (f"{who}: not found", "/p/t/999999999", of),
            ]
    return found


async def _measured(client: "Client", title: str, path: str, session: str, beside: int) -> str:
    took = []
    body = await client.get(path, session)
    for _round in range(ROUNDS):
        before = time.process_time()
        body = await client.get(path, session)
        took.append((time.process_time() - before) * 1000)
    took.sort()
    weight = (len(body) + beside) / 1024
    return (
        f"{title:28} {client.status} {weight:6.1f} KB"
        f" {statistics.median(took):8.1f} ms {took[-2]:8.1f} ms"
    )


async def _load(client: "Client", path: str, session: str) -> str:
    before, began = time.process_time(), time.perf_counter()
    pages = 0
    while time.perf_counter() - began < SECONDS:
        await client.get(path, session)
        pages += 1
    took = time.process_time() - before
    return f"warm pages of a task: {pages / took:.0f} a second of one processor"


async def _streams(address: str, path: str, sessions: list[str]) -> str:
    # The streams' other ends are in this process, too: what they take alone is taken off.
    host, port = address.rsplit(":", 1)
    writers = []
    before = _resident()
    for n in range(STREAMS):
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        head = (
            f"GET {path} HTTP/1.1\r\nHost: x.example\r\nCookie: {COOKIE}={sessions[n // AT_ONCE]}"
        )
        writer.write(f"{head}\r\n\r\n".encode())
        status = await reader.readline()
        assert b" 200 " in status, status
        await reader.readuntil(b"event: state")
        writers.append(writer)
    after = _resident()
    for writer in writers:
        writer.close()
    return f"{STREAMS} idle streams: {(after - before) / 1024:.1f} MB with their other ends"


def _resident() -> int:
    """KB of memory that this process takes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (found,) = re.findall(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found)


class Client:
    """Asks from a process of its own, over one connection: its time is not the server's."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.status = 0

    @classmethod
    async def start(cls, address: str) -> "Client":
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", _ASKING, *address.rsplit(":", 1), COOKIE),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=1 << 20,
            )
        )

    async def get(self, path: str, session: str) -> bytes:
        """The body; ``status`` is that of the last answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{path} {session}\n".encode())
        status, size = (await self._process.stdout.readline()).split()
        self.status = int(status)
        return bytes(int(size))

    async def end(self) -> None:
        self._process.kill()
        await self._process.wait()


_ASKING = """
import http.client, sys
host, port, cookie = sys.argv[1:]
connection = http.client.HTTPConnection(host, int(port))
for line in sys.stdin:
    path, _blank, session = line.strip().partition(" ")
    headers = {"Host": "x.example", "Cookie": f"{cookie}={session}"}
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    print(answer.status, len(answer.read()), flush=True)
"""


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _arguments() -> Iterator[str]:
    yield from (*sys.argv[1:], "", "")


if __name__ == "__main__":
    given = _arguments()
    asyncio.run(main(Path(next(given)), next(given)))
