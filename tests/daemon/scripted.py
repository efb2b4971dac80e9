"""A channel that does what a test says: for the daemon's own rules, not for any protocol's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import Finding
from pfinbox.domain.contract.incoming import Incoming, IncomingEvent
from pfinbox.domain.contract.outgoing import Outgoing, Sent


class ScriptedChannel:
    """Yields ``batches``; ``outcomes`` say what happens to each part, in order; then it is sent.

    An outcome is an exception and whether it comes before or after the hand-over.
    """

    def __init__(self) -> None:
        self.batches: asyncio.Queue[Batch | Exception] = asyncio.Queue()
        self.outcomes: list[tuple[str, BaseException]] = []
        self.sent: list[Outgoing] = []
        # Set when the consumer asked for the batch after a first one: that one is stored.
        self.came_back = asyncio.Event()
        self.sending = asyncio.Event()
        self.hold: asyncio.Event | None = None
        self.closed = False
        # What happens before anything is handed over, as when a server is slow to answer.
        self.before: Callable[[Outgoing], Awaitable[None]] | None = None
        # What stored bytes mean when they are read again, in order.
        self.readings: list[IncomingEvent | Exception] = []

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        while True:
            if self.batches.empty():
                yield Batch(idle=True)
            batch = await self.batches.get()
            if isinstance(batch, Exception):
                raise batch
            yield batch
            self.came_back.set()

    async def send(self, part: Outgoing, transmitting: Callable[[], Awaitable[None]]) -> Sent:
        if self.before is not None:
            wait, self.before = self.before, None
            await wait(part)
        when, error = self.outcomes.pop(0) if self.outcomes else ("", None)
        if error is not None and when == "before":
            raise error
        await transmitting()
        self.sending.set()
        if self.hold is not None:
            await self.hold.wait()
        if error is not None:
            raise error
        self.sent.append(part)
        return Sent(part.source_id or f"{part.chat_key}:{len(self.sent)}")

    def mint(self, token: str, nonce: str) -> str | None:
        return f"<{token}.{nonce}@ours.example>"

    def parse(self, key: str, raw: bytes) -> Incoming:
        event = self.readings.pop(0)
        if isinstance(event, Exception):
            raise event
        return Incoming(key=key, raw=raw, event=event)

    async def probe(self) -> list[Finding]:
        return []

    async def close(self) -> None:
        self.closed = True
