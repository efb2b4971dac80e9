"""One webhook account: takes what the web door has kept, posts answers to ``send_url``."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp

from pfinbox.channels.http.fetch import NotFetched, TooLarge, connector, fetch
from pfinbox.channels.webhook.reading import BadBody, Read, Wanted, items, key_of, raw_of, read
from pfinbox.channels.webhook.send import Sender
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import (
    AccountContext,
    AccountFailure,
    Finding,
    PermanentFailure,
    TemporaryFailure,
    Transmitting,
)
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Edit, Incoming, Message
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Kept

_FILE_LIMIT = 25_000_000
_TRIES = 3
_PROBE = aiohttp.ClientTimeout(total=10)


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
        self._allow_private = bool(settings["allow_private"])
        self._posting: aiohttp.ClientSession | None = None
        self._fetching: aiohttp.ClientSession | None = None
        # How often a file could not be had, by address.
        self._failed: dict[str, int] = {}

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """One kept request a batch; the cursor stays as it is."""
        requests = self._context.requests
        if requests is None:
            raise AccountFailure(Reason("no_door"))
        after = 0
        while True:
            waiting = await requests.waiting(after)
            for kept in waiting:
                yield Batch(items=await self._items(kept), cursor=cursor, taken=(kept.id,))
                after = kept.id
            if not waiting:
                yield Batch(idle=True)
                await requests.arrival()

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
            got = await self._with_files(read(raw, request.received_at))
            made.append(Incoming(key=key_of(item), raw=raw, event=got.event))
        return tuple(made)

    async def _with_files(self, got: Read) -> Read:
        event = got.event
        if not got.wanted or not isinstance(event, Message | Edit):
            return got
        files, warnings = list(event.files), list(event.warnings)
        for want in got.wanted:
            found = await self._fetch(want)
            if isinstance(found, File):
                files.append(found)
            else:
                warnings.append(found)
        return Read(replace(event, files=tuple(files), warnings=tuple(warnings)))

    async def _fetch(self, want: Wanted) -> File | Reason:
        if self._fetching is None:
            self._fetching = aiohttp.ClientSession(
                connector=connector(allow_private=self._allow_private)
            )
        try:
            content = await fetch(
                self._fetching, want.url, _FILE_LIMIT, allow_private=self._allow_private
            )
        except TooLarge:
            return Reason("file_too_large", {"name": want.name, "limit": _FILE_LIMIT})
        except NotFetched as error:
            tries = self._failed[want.url] = self._failed.get(want.url, 0) + 1
            if error.later and tries < _TRIES:
                raise TemporaryFailure(_not_fetched(want, str(error))) from error
            del self._failed[want.url]
            return _not_fetched(want, str(error))
        self._failed.pop(want.url, None)
        return File(want.name, want.media_type, content)

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        if self._url is None or self._secret is None:
            raise PermanentFailure(Reason("receives_only"))
        if self._posting is None:
            self._posting = aiohttp.ClientSession()
        secret = await asyncio.to_thread(self._secret.reveal)
        sender = Sender(self._posting, self._url, secret, self._now, self._context.publish)
        return await sender.send(part, transmitting)

    def mint(self, token: str, nonce: str) -> str:
        """The same for every attempt, so that the other side can tell a repeat."""
        return f"{token}.{nonce}"

    def parse(self, key: str, raw: bytes) -> Incoming:
        got = read(raw, self._now())
        event = got.event
        if got.wanted and isinstance(event, Message | Edit):
            missing = (_not_fetched(one, "read again without the network") for one in got.wanted)
            event = replace(event, warnings=(*event.warnings, *missing))
        return Incoming(key=key, raw=raw, event=event)

    async def probe(self) -> list[Finding]:
        """Whether ``send_url`` answers at all; any answer to HEAD will do."""
        if self._url is None:
            return [Finding(True, "receives only")]
        host = urlsplit(self._url).netloc
        try:
            async with (
                aiohttp.ClientSession(timeout=_PROBE) as session,
                session.head(self._url, allow_redirects=False),
            ):
                return [Finding(True, host)]
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            detail = type(error).__name__
            reason = Reason("connection_failed", {"host": host, "detail": detail})
            return [Finding(False, host, reason)]

    async def close(self) -> None:
        for session in (self._posting, self._fetching):
            if session is not None:
                await session.close()


def _not_fetched(want: Wanted, detail: str) -> Reason:
    """The address is named: a person may have the right to open it."""
    return Reason("file_not_fetched", {"name": f"{want.name} ({want.url})", "detail": detail})
