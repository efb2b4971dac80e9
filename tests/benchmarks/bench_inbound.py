"""What receiving costs, the service and the store alone, on SQLite: statements and CPU a message.

A live message is a batch of one: an answer in a known thread, a new thread of a known client, a
new client. A backlog comes in batches of 50. CPU is the least of several rounds, as other programs
on the machine make it more.

Run: python -m tests.benchmarks.bench_inbound
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import event

from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.contract.party import Party
from tests.builders import Inbox

CLIENTS, BATCH, ROUNDS = 400, 50, 20


def _mail(inbox: Inbox, n: int, *, by: int, answers: int | None = None) -> Incoming:
    message = Message(
        source_id=f"<{n}@client.example>",
        chat_key=None,
        sender=Party(f"client{by}@client.example", f"Client {by}"),
        sent_at=inbox.clock.now,
        text="Dear support,\n" + "words and more words\n" * 60,
        title=f"Question {n}",
        references=(f"<{answers}@client.example>",) if answers is not None else (),
    )
    return Incoming(key=f"INBOX:1:{n}", raw=message.text.encode(), event=message)


class Bench:
    """An inbox with a thread of each client, and a count of the statements it is asked."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.statements = 0
        self.numbers = iter(range(CLIENTS, sys.maxsize))
        event.listen(inbox.store.writer.sync_engine, "before_cursor_execute", self._note)

    def _note(self, *_args: Any) -> None:
        self.statements += 1

    def mails(self, kind: str, count: int) -> list[Incoming]:
        made = []
        for _n in range(count):
            n = next(self.numbers)
            by = n if kind == "a new client" else n % CLIENTS
            answers = by if kind == "an answer" else None
            made.append(_mail(self.inbox, n, by=by, answers=answers))
        return made

    async def measure(self, what: str, rounds: Sequence[list[list[Incoming]]]) -> None:
        """Each round is some batches."""
        best = float("inf")
        for batches in rounds:
            count, self.statements = sum(map(len, batches)), 0
            started = time.process_time()
            for batch in batches:
                await self.inbox.receive("support", *batch, cursor="here")
            best = min(best, (time.process_time() - started) / count * 1000)
        print(f"{what:34} {self.statements / count:6.2f} statements {best:6.2f} ms")  # noqa: T201


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        inbox = await Inbox.make(f"sqlite+aiosqlite:///{Path(folder) / 'x.sqlite'}")
        bench = Bench(inbox)
        for start in range(0, CLIENTS, BATCH):
            some = [_mail(inbox, n, by=n) for n in range(start, start + BATCH)]
            await inbox.receive("support", *some)
        for kind in ("an answer", "a new thread", "a new client"):
            live = [[[one] for one in bench.mails(kind, 10)] for _round in range(ROUNDS)]
            await bench.measure(f"live: {kind}", live)
        for kind in ("an answer", "a new thread"):
            backlog = [[bench.mails(kind, BATCH)] for _round in range(ROUNDS)]
            await bench.measure(f"batches of {BATCH}: {kind}", backlog)
        past = [
            [[replace(one, history=True) for one in bench.mails("a new thread", BATCH)]]
            for _round in range(ROUNDS)
        ]
        await bench.measure(f"batches of {BATCH}: history", past)
        await inbox.store.close()


if __name__ == "__main__":
    asyncio.run(main())
