"""How many comments a second leave for their clients, every state durable: the daemon's sender.

Each of so many clients has one comment queued. They go by SMTP to a server in a process of its
own, and for comparison as many mails of the same size by one bare aiosmtplib connection.

Run: python -m tests.benchmarks.bench_send [comments] [--postgres] [--profile]
"""

import argparse
import asyncio
import cProfile
import multiprocessing
import pstats
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import aiosmtplib
from sqlalchemy import select

from pfinbox.channels.mail import SPEC
from pfinbox.channels.mail.smtp.compose import compose
from pfinbox.daemon.outbound.sender import Sender
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.domain.leasing import Process
from pfinbox.services.system import leases
from pfinbox.store import tables as t
from tests.builders import Inbox, client
from tests.servers.postgres import run_postgres
from tests.servers.smtp import run_smtp

_TEXT = "Dear client,\n" + "words and more words\n" * 20


def _serve(line: Connection) -> None:
    """The SMTP server's process: tells its port, and at the end who got how many mails."""
    with run_smtp() as server:
        line.send(server.port)
        while line.recv() == "taken":
            line.send(Counter(one.recipients[0] for one in server.taken))


@contextmanager
def _server() -> Iterator[tuple[Connection, int]]:
    spawn = multiprocessing.get_context("spawn")
    line, end = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(end,))
    process.start()
    try:
        yield line, line.recv()
    finally:
        line.send("end")
        process.join()


async def _bare(port: int, count: int) -> float:
    """Mails a second by one connection that only waits for the server's answers."""
    mail = compose(
        Outgoing(
            chat_key=None,
            to=(Party("c@client.example"),),
            text=_TEXT,
            created_at=datetime.now(UTC),
            subject="Re: A question",
        ),
        source_id="<1@ours.example>",
        sender=Party("support@ours.example", "Anna"),
        reply_to="support+token@ours.example",
        mac_key=b"k" * 32,
    )
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as smtp:
        started, cpu = time.perf_counter(), time.process_time()
        for number in range(count):
            await smtp.sendmail("support@ours.example", [f"bare{number}@client.example"], mail)
        spent = (time.process_time() - cpu) / count * 1000
        print(f"bare: {spent:.1f} ms of CPU a mail")  # noqa: T201
        return count / (time.perf_counter() - started)


def _account(port: int) -> Channel:
    smtp = {"host": "127.0.0.1", "port": port, "tls": "none"}
    given = {"address": "support@ours.example", "smtp": smtp}
    settings = check(
        given,
        SPEC.settings,
        where="accounts.support",
        source="bench_send",
        secret=lambda given, _where: Secret(str(given)),
    )
    return SPEC.open(AccountContext("support", settings, b"k" * 32))


async def _queue(inbox: Inbox, count: int) -> None:
    for number in range(count):
        await inbox.mails(sender=f"client{number}@client.example", name=f"Client {number}")
        await inbox.comment(number + 1, _TEXT, to=[client(number + 1)])


async def _sent(inbox: Inbox, port: int, count: int, profile: cProfile.Profile | None) -> float:
    """Comments a second, from the first look to the last state in the store."""
    lease = await inbox.store.run(lambda uow: leases.start(uow, Process("here", 1)))
    await inbox.store.run(lambda uow: leases.acquire(uow, lease))
    channel = _account(port)
    sender = Sender(inbox.store, lease, {inbox.account_ids["support"]: channel})
    await sender.look_first()
    if profile:
        profile.enable()
    started, cpu = time.perf_counter(), time.process_time()
    await sender.run_once()
    seconds = time.perf_counter() - started
    print(f"{(time.process_time() - cpu) / count * 1000:.1f} ms of CPU a comment")  # noqa: T201
    if profile:
        profile.disable()
    await channel.close()
    async with inbox.store.read() as uow:
        states = Counter(await uow.connection.scalars(select(t.delivery.c.state)))
    assert states == {"sent": count}, states
    return count / seconds


async def run(url: str, count: int, profile: cProfile.Profile | None) -> None:
    inbox = await Inbox.make(url)
    await _queue(inbox, count)
    with _server() as (line, port):
        before = await _bare(port, count)
        rate = await _sent(inbox, port, count, profile)
        after = await _bare(port, count)
        line.send("taken")
        taken = line.recv()
    await inbox.store.close()
    clients = [taken[f"client{number}@client.example"] for number in range(count)]
    assert clients == [1] * count, "each client has one mail"
    bare = (before + after) / 2
    print(f"{rate:.0f} comments/s, bare {bare:.0f} mails/s: {rate / bare:.2f}x")  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    profiled = cProfile.Profile(time.thread_time) if given.profile else None
    with tempfile.TemporaryDirectory() as folder:
        if given.postgres:
            with run_postgres() as server:
                server.sql("CREATE DATABASE bench")
                asyncio.run(run(server.url("bench"), given.count, profiled))
        else:
            path = Path(folder) / "x.sqlite"
            asyncio.run(run(f"sqlite+aiosqlite:///{path}", given.count, profiled))
    if profiled:
        pstats.Stats(profiled).sort_stats("cumtime").print_stats("pfinbox", 60)
