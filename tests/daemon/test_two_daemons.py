"""Two daemons on one store as real processes: one serves, whatever happens to it (R12, R24)."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from tests.builders import Inbox, client

CHILD = Path(__file__).with_name("a_daemon.py")


class Running:
    """A daemon in a process of its own; what it does comes as lines."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.said: list[dict[str, Any]] = []

    @classmethod
    async def begin(cls, inbox: Inbox, silence: float = 0.6) -> "Running":
        given = json.dumps([inbox.store.url, inbox.account_ids["bot"], silence])
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, str(CHILD), given, stdin=PIPE, stdout=PIPE
            )
        )

    async def until(self, word: str) -> dict[str, Any]:
        """Its next line of that kind."""
        async with asyncio.timeout(60):
            while True:
                assert self.process.stdout is not None
                line = await self.process.stdout.readline()
                assert line, f"it ended before {word}"
                said: dict[str, Any] = json.loads(line)
                self.said.append(said)
                if said["did"] == word:
                    return said

    def did(self) -> set[str]:
        return {one["did"] for one in self.said}

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())

    async def end(self) -> None:
        """Ended for certain, and every line of it read."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.said.append(json.loads(line))
        await self.process.wait()


async def test_r12_r24_one_of_two_daemons_serves_whatever_happens(inbox: Inbox) -> None:
    """Both live: no swap. One is stopped, wakes, is killed, and one ends: each is taken over."""
    first = await Running.begin(inbox)
    await first.until("polled")
    second = await Running.begin(inbox)
    await second.until("stands by")
    # Over several silences of the one that might take the other one for dead.
    for daemon in (first, second, second):
        daemon.tell("wait")
        await daemon.until("waited")
    assert second.did() == {"stands by", "waited"}

    # It waits for its server's leave to send, is stopped past its lease, and wakes too late.
    await inbox.says()
    await inbox.comment(1, "Once", to=[client(1)])
    await first.until("asked to send")
    # Not in the middle of a transaction: PostgreSQL ends that only after ten seconds.
    first.tell("wait")
    await first.until("waited")
    first.process.send_signal(signal.SIGSTOP)
    await second.until("polled")
    second.tell("go")
    await second.until("sent")
    first.said.clear()
    first.tell("go")
    first.process.send_signal(signal.SIGCONT)
    await first.until("stands by")
    first.tell("wait")
    await first.until("waited")
    assert first.did() == {"stands by", "waited"}

    # On SQLite at once, as its lock is free; elsewhere when its heart has stood still.
    second.process.kill()
    await first.until("polled")
    third = await Running.begin(inbox)
    await third.until("stands by")
    # A clean end needs no silence.
    await first.end()
    await third.until("polled")
    await third.end()
    await second.end()
    assert [one["text"] for one in second.said if one["did"] == "sent"] == ["Once"]
    assert "sent" not in first.did() | third.did()
