"""How many messages a second become comments: the receiving service alone, SQLite, batches of 50.

Run: python -m tests.benchmarks.bench_inbound [messages]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from pfinbox.domain.contract.envelope import Batch, Incoming, Message, Party
from pfinbox.services.inbound import receiving
from tests.builders import Inbox


def _mail(n: int, inbox: Inbox) -> Incoming:
    message = Message(
        source_id=f"<{n}@client.example>",
        chat_key=None,
        sender=Party(f"client{n % 400}@client.example", f"Client {n % 400}"),
        sent_at=inbox.clock.now,
        text="Dear support,\n" + "words and more words\n" * 60,
        title=f"Question {n // 4}",
        # Four mails make a thread.
        references=(f"<{n - 1}@client.example>",) if n % 4 else (),
    )
    return Incoming(key=f"INBOX:1:{n}", raw=message.text.encode(), event=message)


async def run(count: int, size: int = 50) -> float:
    with tempfile.TemporaryDirectory() as folder:
        inbox = await Inbox.make(f"sqlite+aiosqlite:///{Path(folder) / 'x.sqlite'}")
        account_id = inbox.account_ids["support"]
        started = time.perf_counter()
        for start in range(0, count, size):
            batch = Batch(items=tuple(_mail(n, inbox) for n in range(start, start + size)))
            await inbox.store.run(lambda uow, b=batch: receiving.receive(uow, account_id, b))  # type: ignore[misc]
        seconds = time.perf_counter() - started
        await inbox.store.close()
        return count / seconds


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    rates = [asyncio.run(run(wanted)) for _round in range(3)]
    print(f"{statistics.median(rates):.0f} messages/s (rounds: {[round(r) for r in rates]})")  # noqa: T201
