"""A daemon as a process of its own, for tests that stop or kill it: lines in, lines out."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from pfinbox.bootstrap.serve import run_until_stopped
from pfinbox.daemon.clearing import way_cleared
from pfinbox.daemon.leases import Rhythm
from pfinbox.daemon.supervisor import Daemon
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.store.uow import Store
from tests.daemon.scripted import ScriptedChannel


def say(did: str, **more: Any) -> None:
    sys.stdout.write(json.dumps({"did": did, **more}) + "\n")
    sys.stdout.flush()


class Telling(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().endswith("standing by"):
            say("stands by")


class Server(ScriptedChannel):
    """Has nothing, every tenth of a second; sends when it is told ``go``."""

    def __init__(self, go: asyncio.Event) -> None:
        super().__init__()
        self._go = go

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        while True:
            say("polled")
            await asyncio.sleep(0.1)
            yield Batch(idle=True)

    async def send(self, part: Outgoing, transmitting: Callable[[], Awaitable[None]]) -> Sent:
        say("asked to send")
        await self._go.wait()
        await transmitting()
        say("sent", text=part.text)
        return Sent("7:1")


async def main(url: str, account_id: int, silence: float) -> None:
    store, go = Store(url), asyncio.Event()
    rhythm = Rhythm(heartbeat=silence / 4, silence=silence, look=silence / 12)
    daemon = Daemon(store, {account_id: "bot"}, lambda _name: Server(go), rhythm=rhythm)

    async def listen() -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := (await reader.readline()).decode().strip():
            if line == "go":
                go.set()
            else:
                await asyncio.sleep(silence)
                say("waited")

    listening = asyncio.create_task(listen())
    async with way_cleared(store):
        await run_until_stopped(daemon, attended=False)
    listening.cancel()
    await store.close()


logging.getLogger().addHandler(Telling())
asyncio.run(main(*json.loads(sys.argv[1])))
