"""One webhook account: takes what the web door has kept, posts answers to ``send_url``."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pfinbox.channels.http.connection import Broken, Connection, NotConnected
from pfinbox.channels.http.files import Files, without
from pfinbox.channels.http.pushed import pushed
from pfinbox.channels.webhook.reading import BadBody, Read, items, key_of, raw_of, read
from pfinbox.channels.webhook.send import Sender
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import (
    AccountContext,
    Finding,
    PermanentFailure,
    Transmitting,
)
from pfinbox.domain.contract.incoming import Edit, Incoming, IncomingEvent, Message
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Kept

_FILE_LIMIT = 25_000_000
_PROBE = 10.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WebhookChannel:
    """A ``domain.contract.channel.Channel`` whose clock is given from outside."""

    def __init__(self, context: AccountContext, *, now: Callable[[], datetime] = _utc_now) -> None:
        settings = context.settings
        self._context = context
        self._now = now
        self._url: str | None = settings["send_url"]
        self._secret = settings["secret"]
        self._connection = Connection(urlsplit(self._url or "").netloc)
        self._files = Files(_FILE_LIMIT, allow_private=bool(settings["allow_private"]))

    def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """One kept request a batch; the cursor stays as it is."""
        return pushed(self._context.requests, self._items, cursor)

    async def _items(self, kept: Kept) -> tuple[Incoming, ...]:
        request = kept.request
        try:
            found = items(request)
        except BadBody:
            # It was admitted by another version of the program.
            raw = request.body
            event = read(raw, request.received_at).event
            return (Incoming(key=f"request:{kept.id}", raw=raw, event=event),)
        made = []
        for item in found:
            raw = raw_of(item)
            event = await self._with_files(read(raw, request.received_at))
            made.append(Incoming(key=key_of(item), raw=raw, event=event))
        return tuple(made)

    async def _with_files(self, got: Read) -> IncomingEvent:
        event = got.event
        if got.wanted and isinstance(event, Message | Edit):
            return await self._files.into(event, got.wanted)
        return event

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        if self._url is None or self._secret is None:
            raise PermanentFailure(Reason("receives_only"))
        secret = await asyncio.to_thread(self._secret.reveal)
        sender = Sender(self._connection, self._url, secret, self._now, self._context.publish)
        return await sender.send(part, transmitting)

    def mint(self, token: str, nonce: str) -> str:
        """The same for every attempt, so that the other side can tell a repeat."""
        return f"{token}.{nonce}"

    def parse(self, key: str, raw: bytes) -> Incoming:
        got = read(raw, self._now())
        event = got.event
        if got.wanted and isinstance(event, Message | Edit):
            event = without(event, got.wanted)
        return Incoming(key=key, raw=raw, event=event)

    async def probe(self) -> list[Finding]:
        """Whether ``send_url`` answers at all; any answer to HEAD will do."""
        if self._url is None:
            return [Finding(True, "receives only")]
        host = self._connection.host
        try:
            await self._connection.ask("HEAD", self._url, seconds=_PROBE)
        except (NotConnected, Broken) as error:
            reason = Reason("connection_failed", {"host": host, "detail": str(error)})
            return [Finding(False, host, reason)]
        return [Finding(True, host)]

    async def close(self) -> None:
        await self._files.close()
        await self._connection.close()
