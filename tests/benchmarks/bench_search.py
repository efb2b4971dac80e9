"""How long the search takes: python -m tests.benchmarks.bench_search [COMMENTS] [URL].

Fills a new SQLite file (or the empty database at URL) with synthetic comments in three languages,
and prints milliseconds: the median and the slowest of some rounds, and the processor's time in
this process, which is all of SQLite's and holds on a busy machine too.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.exc import OperationalError

from pfinbox.domain.actor import AgentActor
from pfinbox.services.people import contacts
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.search.search import search
from pfinbox.store.uow import UnitOfWork
from tests.builders import START, Inbox

ROUNDS = 7
PER_TASK = 8
COMMON = (
    "заказ",
    "order",
    "где",
    "my",
    "refund",
    "оплата",
    "the",
    "и",
    "dziękuję",
    "спасибо",
    "hello",
)
QUERIES = (
    "needle",  # a hundredth of a percent of the comments
    "order",  # nearly all
    "order оплата dziękuję",
    "оп",  # a short prefix
    "s12*",
    '"the order"',
    "order -refund",
    "-order",
    "from:client77 order",
    "order tag:vip",
    "order before:2025-01-01",
    "order is:unread",
    "order in:trash",  # found nowhere: all hits are looked at
    "is:open tag:vip",
    "nothinglikeit",
)


async def main(comments: int, url: str) -> None:
    inbox = await Inbox.make(url)
    began = time.perf_counter()
    for start in range(0, comments, 5000):
        await inbox.store.run(_fill(inbox, start, min(start + 5000, comments)))
    if not inbox.store.sqlite:
        async with inbox.store.write() as uow:
            await uow.connection.execute(text("analyze"))
            await uow.commit()
    _say("fill and index, per 1000", (time.perf_counter() - began) * 1e6 / comments)
    if inbox.store.path is not None:
        _print(f"file: {inbox.store.path.stat().st_size / 1e6:.0f} MB")
        await _sizes(inbox)
    anna = inbox.agent_ids["anna"]
    for query in QUERIES:
        await _timed(f"search {query}", inbox, _searching(anna, query))
    for query in QUERIES:
        await _timed(f"list   {query}", inbox, _listing(anna, query))
    await _timed("one comment indexed", inbox, lambda uow: index.index_comment(uow, 77))
    await _timed(
        "a card of a hundredth of all comments renamed",
        inbox,
        lambda uow: contacts.set_(uow, AgentActor(anna), 1, name=f"Client {random.random()}"),
    )
    await inbox.store.close()


def _fill(inbox: Inbox, start: int, end: int) -> Callable[[UnitOfWork], Awaitable[None]]:
    """Comments ``start`` to ``end``, a task to every few of them, a hundred contacts."""
    rare = random.Random(start)
    vocabulary = [f"s{n}" for n in range(20_000)]

    async def fill(uow: UnitOfWork) -> None:
        if not start:
            people = [{"id": n, "root_id": n, "name": f"client{n}"} for n in range(1, 101)]
            await uow.connection.execute(
                insert(t.contact), [{**one, "created_at": START} for one in people]
            )
        first, last = start // PER_TASK + 1, -(-end // PER_TASK)
        tasks = [_task(n, comments_at=n * PER_TASK) for n in range(first, last + 1)]
        await uow.connection.execute(insert(t.task), tasks)
        tags = [{"task_id": one["id"], "name": "vip"} for one in tasks if one["id"] % 50 == 0]
        await uow.connection.execute(insert(t.tag), tags)
        rows = [_comment(n, rare, vocabulary) for n in range(start, end)]
        await uow.connection.execute(insert(t.comment), rows)
        await index.index_comments(uow, [row["id"] for row in rows])

    return fill


def _task(number: int, comments_at: int) -> dict[str, Any]:
    at = START - timedelta(days=900) + timedelta(minutes=10 * comments_at)
    return {
        "id": number,
        "root_id": number,
        "title": f"Question {number}",
        "status": "open",
        "active": True,
        "contact_id": number % 100 + 1,
        "created_at": at,
        "last_activity_at": at,
    }


def _comment(number: int, rare: random.Random, vocabulary: list[str]) -> dict[str, Any]:
    task = number // PER_TASK + 1
    said = [*rare.choices(COMMON, k=60), *rare.choices(vocabulary, k=40)]
    if number % 10_000 == 5:
        said.append("needle")
    return {
        "id": number + 1,
        "task_id": task,
        "direction": "incoming",
        "contact_id": task % 100 + 1,
        "text": " ".join(said),
        "created_at": START - timedelta(days=900) + timedelta(minutes=10 * number),
    }


def _searching(agent_id: int, query: str) -> Callable[[UnitOfWork], Awaitable[Any]]:
    return lambda uow: search(uow, AgentActor(agent_id), query)


def _listing(agent_id: int, query: str) -> Callable[[UnitOfWork], Awaitable[Any]]:
    return lambda uow: read.tasks(uow, AgentActor(agent_id), "active", query=query)


async def _timed(name: str, inbox: Inbox, use: Callable[[UnitOfWork], Awaitable[Any]]) -> None:
    took: list[float] = []
    busy: list[float] = []
    for _n in range(ROUNDS):
        async with inbox.store.write() as uow:  # left without commit: nothing stays
            began, working = time.perf_counter(), time.process_time()
            result = await use(uow)
            busy.append((time.process_time() - working) * 1000)
            took.append((time.perf_counter() - began) * 1000)
    rows = f", {len(result.rows)} rows" if hasattr(result, "rows") else ""
    of_them = f"(slowest {max(took):.1f}, processor {statistics.median(busy):.1f}{rows})"
    _say(name, statistics.median(took), of_them)


async def _sizes(inbox: Inbox) -> None:
    statement = "select name, sum(pgsize) from dbstat group by 1 order by 2 desc limit 5"
    async with inbox.store.read() as uow:
        try:
            rows = (await uow.connection.execute(text(statement))).all()
        except OperationalError:  # an SQLite built without dbstat
            return
    _print(", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in rows))


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _say(name: str, milliseconds: float, more: str = "") -> None:
    _print(f"{milliseconds:9.1f} ms  {name} {more}")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        default = f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite'}"
        asyncio.run(main(count, sys.argv[2] if len(sys.argv) > 2 else default))
