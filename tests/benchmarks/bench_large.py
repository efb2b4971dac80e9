"""Reads of a small and a large store: python -m tests.benchmarks.bench_large FOLDER [URL] [NAME].

Makes two SQLite stores (1,000 and 1,000,000 tasks, 500 of them active) in FOLDER unless they are
there, and prints for every read (with NAME in its name) the median and the 95th percentile of both
in milliseconds of the processor, which is all of SQLite's and holds on a busy machine too, and how
many rows it gave. Making the large one takes about ten minutes and 6 GB.

With a URL of PostgreSQL (``postgresql://.../bench{size}``, two databases that are there, ``{size}``
being 1000 and 1000000) the same on that, filled from the SQLite stores where they are empty. The
server runs on this machine: its process's share of the processor is counted, too.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from pfinbox.domain.actor import AgentActor, ContactActor
from pfinbox.store import read, schema
from pfinbox.store import tables as t
from pfinbox.store.read import portal
from pfinbox.store.read.portal.conversations import conversation_of
from pfinbox.store.read.portal.sight import sight_of
from pfinbox.store.search.search import search
from pfinbox.store.uow import Store, UnitOfWork
from tests.benchmarks import large_postgresql
from tests.benchmarks.large_store import BUSY, LONG, QUIET, fill

SIZES = (1_000, 1_000_000)
# Of twenty and one the second slowest is the 95th percentile.
ROUNDS = 21
ANNA = AgentActor(1)
VIEWS = (
    *("to_answer", "inbox", "mine", "unassigned", "waiting", "snoozed", "scheduled", "outbox"),
    *("done", "spam", "trash", "active", "all", "tag:vip", "tag:billing", "account:bot"),
)
# Rare, common, two words, a prefix, a phrase.
WORDS = ("needle", "order", "order invoice", "invoi*", '"order the"')
WITH = (
    *("", "from:lopez", "to:lopez", "tag:vip", "tag:billing", "channel:telegram"),
    *("before:2026-01-01", "after:2026-10-01", "is:open", "is:unread"),
)
Use = Callable[[UnitOfWork], Awaitable[Any]]


def _use(function: Callable[..., Awaitable[Any]], *given: Any, **more: Any) -> Use:
    return lambda uow: function(uow, *given, **more)


def _uses(tasks: int) -> Iterator[tuple[str, Use]]:
    yield "counts of the views", _use(read.views, ANNA)
    yield "news", _use(read.news, ANNA)
    for view in VIEWS:
        yield f"list {view}", _use(read.tasks, ANNA, view)
    for words in WORDS:
        for more in WITH:
            query = f"{words} {more}".strip()
            yield f"search {query}", _use(search, ANNA, query)
    for view in ("inbox", "done", "all"):
        for words in WORDS:
            yield f"list {view} / {words}", _use(read.tasks, ANNA, view, query=words)
    yield from _pages(tasks)
    yield "open a task", _use(read.conversation, ANNA, tasks // 2)
    yield f"open a task of {LONG} comments", _use(read.conversation, ANNA, tasks + 1)


def _pages(tasks: int) -> Iterator[tuple[str, Use]]:
    """What clients' pages read, for one with a few tasks and for one with a 200th of all."""
    for name, contact_id in (("quiet", QUIET), ("busy", BUSY)):
        me = ContactActor(frozenset((contact_id,)))
        yield f"page of a {name} client", _use(portal.contact_tasks, me)
        for active in (True, False):
            more = "open" if active else "finished"
            yield f"page of a {name} client, {more}", _use(portal.contact_tasks, me, active=active)
        # Common, rare, nowhere, what mostly others say.
        for words in ("order", "order invoice", "needle", "w39999", "nowhere", "w500 w900"):
            yield f"page of a {name} client / {words}", _use(portal.contact_tasks, me, query=words)
        for page in (2, 20, 100):
            yield f"page {page} of a {name} client", _page(me, page)
    me = ContactActor(frozenset((BUSY,)))
    here = tasks // 400 * 200
    yield "page of a conversation", _use(portal.contact_conversation, me, here)
    yield f"page of a conversation of {LONG} comments", _use(_long_conversation, tasks + 1)


def _page(me: ContactActor, number: int) -> Use:
    """A page far down the list; where it begins is found out the first time."""
    place: list[Any] = []

    async def use(uow: UnitOfWork) -> Any:
        if not place:
            after = None
            for _before in range(number - 1):
                after = (await portal.contact_tasks(uow, me, after=after)).after or after
            place.append(after)
        return await portal.contact_tasks(uow, me, after=place[0])

    return use


async def _long_conversation(uow: UnitOfWork, task_id: int) -> Any:
    """A page of it as its client has it, who has no access."""
    client = await uow.connection.scalar(select(t.task.c.contact_id).where(t.task.c.id == task_id))
    return await conversation_of(uow, await sight_of(uow, client or 0), task_id)


def _used(server: int | None) -> float:
    """Milliseconds that this process and a server's process have used."""
    other = Path(f"/proc/{server}/schedstat").read_text().split()[0] if server else 0
    return time.process_time() * 1000 + int(other) / 1e6


async def _measure(store: Store, use: Use) -> tuple[float, float, int | None]:
    took: list[float] = []
    result = None
    for _round in range(ROUNDS + 1):
        async with store.read() as uow:
            server = None
            if not store.sqlite:
                server = await uow.connection.scalar(text("SELECT pg_backend_pid()"))
            began = _used(server)
            result = await use(uow)
            took.append(_used(server) - began)
        if sum(took) > 5_000 and len(took) > 3:
            break
    took = sorted(took[1:])
    rows = getattr(result, "rows", None)
    slow = took[min(len(took) - 1, int(len(took) * 0.95))]
    return statistics.median(took), slow, len(rows) if rows is not None else None


async def _stores(folder: Path, url: str) -> list[Store]:
    stores: list[Store] = []
    for size in SIZES:
        path = folder / f"large_{size}.sqlite"
        if not path.exists():
            await fill(path, size)
        target = url.replace("{size}", str(size)) if url else f"sqlite+aiosqlite:///{path}"
        store = Store(target)
        if url and await schema.is_empty(store):
            await large_postgresql.fill(target, path)
        stores.append(store)
    return stores


async def main(folder: Path, *more: str) -> None:
    url = next((one for one in more if "://" in one), "")
    only = next((one for one in more if "://" not in one), "")
    stores = await _stores(folder, url)
    small, large = stores
    for (name, on_small), (_name, on_large) in zip(*map(_uses, SIZES), strict=True):
        if only not in name:
            continue
        few = await _measure(small, on_small)
        many = await _measure(large, on_large)
        sys.stdout.write(
            f"{few[0]:8.2f} {few[1]:8.2f} | {many[0]:8.2f} {many[1]:8.2f}"
            f" | {many[1] / few[1]:6.1f}x  {name}"
            f"  ({few[2]} and {many[2]} rows)\n"
        )
        sys.stdout.flush()
    for store in stores:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp"), *sys.argv[2:]))
