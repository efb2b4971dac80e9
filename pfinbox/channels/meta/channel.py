"""What the channels of Meta's share: receiving by the web door, files, doctor."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.files import Files, without
from pfinbox.channels.http.pushed import not_pushed, pushed
from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.meta.api import GraphApi
from pfinbox.channels.meta.pieces import Json, Read, kept, listed, raw_of
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.channel import (
    AccountContext,
    AccountFailure,
    ChannelError,
    Finding,
    Transmitting,
)
from pfinbox.domain.contract.incoming import Edit, Ignored, Incoming, Message
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Kept

_FILE_LIMIT = 100_000_000
_BEFORE = ":before"


def utc_now() -> datetime:
    return datetime.now(UTC)


class MetaChannel(ABC):
    """A ``domain.contract.channel.Channel`` whose clock is given from outside."""

    def __init__(self, context: AccountContext, *, now: Callable[[], datetime] = utc_now) -> None:
        self._context = context
        self._api = GraphApi(context.settings)
        self._files = Files(_FILE_LIMIT, own=self._api.host)
        self._now = now

    # -- what each service says of itself

    @abstractmethod
    def _pieces(self, payload: object) -> Iterable[Json]:
        """The messages and events of a request, one by one."""

    @abstractmethod
    def _key(self, piece: Json) -> str: ...

    @abstractmethod
    def _read(self, piece: object) -> Read: ...

    @abstractmethod
    async def _who_am_i(self) -> Profile: ...

    @abstractmethod
    async def _subscribed(self) -> list[Json]:
        """The apps that are told of what happens here."""

    @abstractmethod
    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent: ...

    async def _whole(self, piece: Json) -> Json:
        """The piece with what only Meta can tell besides."""
        return piece

    async def _fetchable(self, want: Wanted) -> Wanted:
        """The file with an address of its own."""
        return want

    async def _settled(self, incoming: Incoming) -> Incoming:
        """What was read, with what only this process knows."""
        return incoming

    async def _with_news(self, batch: Batch) -> Batch:
        """The batch with what is new about the account itself."""
        return batch

    # -- receiving

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """See ``Channel.receive``: a batch for each request."""
        profile = await self._profile()
        batches = pushed(self._context.requests, self._kept, None)
        async with aclosing(batches) as some:  # type: ignore[type-var]
            async for batch in some:
                yield await self._with_news(replace(batch, profile=profile))
                profile = None

    async def _profile(self) -> Profile | None:
        """None where Meta keeps it from us: messages come all the same."""
        try:
            with self._api.channel_errors():
                return await self._who_am_i()
        except AccountFailure:
            raise
        except ChannelError:
            return None

    async def _kept(self, one: Kept) -> Sequence[Incoming]:
        payload = kept(one.request.body)
        if payload is None:
            payload = one.request.body.decode("utf-8", "replace")
        found: list[Incoming] = []
        for piece in self._pieces(payload):
            found += await self._incoming(await self._whole(piece))
        return found

    async def _incoming(self, piece: Json) -> list[Incoming]:
        got, key, raw = self._read(piece), self._key(piece), raw_of(piece)
        event = got.event
        # Only what Meta answers may be asked for again; what cannot be read stays so.
        with self._api.channel_errors():
            if got.wanted and isinstance(event, Message | Edit):
                wanted = [await self._fetchable(one) for one in got.wanted]
                event = await self._files.into(event, wanted)
        found = await self._before(got, key, raw)
        return [*found, await self._settled(Incoming(key=key, raw=raw, event=event))]

    async def _before(self, got: Read, key: str, raw: bytes) -> list[Incoming]:
        if got.before is None:
            return []
        return [Incoming(key=f"{key}{_BEFORE}", raw=raw, event=got.before)]

    def parse(self, key: str, raw: bytes) -> Incoming:
        """Read stored bytes again; files stay where they are and become warnings."""
        got = self._read(kept(raw))
        event = got.event
        if key.endswith(_BEFORE):
            event = got.before or Ignored(reason=Reason("ignored", {"detail": "nothing before"}))
        if got.wanted and isinstance(event, Message | Edit):
            event = without(event, got.wanted)
        return Incoming(key=key, raw=raw, event=event)

    def mint(self, token: str, nonce: str) -> str | None:
        return None  # Meta gives the id

    # -- doctor

    async def probe(self) -> list[Finding]:
        """Is the token right, and is an app told of what happens?"""
        try:
            with self._api.channel_errors():
                profile = await self._who_am_i()
        except ChannelError as problem:
            return [Finding(False, self._api.host, problem.reason)]
        url = self._context.hook_url
        told = url is not None and not await self._nobody_told()
        return [Finding(True, profile.address), *not_pushed(url, lambda _url: told)]

    async def _nobody_told(self) -> bool:
        """Whether no app is subscribed; False as well where the token may not ask."""
        try:
            with self._api.channel_errors():
                return not await self._subscribed()
        except ChannelError:
            return False

    async def close(self) -> None:
        await self._api.close()
        await self._files.close()


def apps(answer: Any) -> list[Json]:
    """The apps in an answer about subscriptions."""
    if not isinstance(answer, dict) or "data" not in answer:
        raise Refused(404)
    return listed(answer["data"])
