"""One bot: receiving by the web door, sending and probing put together."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pfinbox.channels.http.every import Every
from pfinbox.channels.http.files import Files, without
from pfinbox.channels.http.pictures import Pictures, Redrawn
from pfinbox.channels.http.pushed import not_pushed, pushed
from pfinbox.channels.viber.api import ViberApi
from pfinbox.channels.viber.reading import (
    EVENTS,
    Read,
    avatar_of,
    key_of,
    parsed,
    raw_of,
    read,
)
from pfinbox.channels.viber.send import send
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.channel import (
    AccountContext,
    AccountFailure,
    ChannelError,
    Finding,
    Transmitting,
)
from pfinbox.domain.contract.incoming import Incoming, IncomingEvent, Message
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Kept

_FILE_LIMIT = 200_000_000
_LOOK_EVERY = 3600.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ViberChannel:
    """A ``domain.contract.channel.Channel`` whose clock is given from outside."""

    def __init__(self, context: AccountContext, *, now: Callable[[], datetime] = _utc_now) -> None:
        self._context = context
        self._name: str | None = context.settings["name"]
        self._greeting: str = context.settings["greeting"] or ""
        self._api = ViberApi(context.settings)
        self._files = Files(_FILE_LIMIT, own=self._api.host)
        self._pictures = Pictures(self._api.host)
        self._redrawn = Redrawn()
        self._now = now
        self._subscribing = Every(_LOOK_EVERY)
        self._bot: dict[str, Any] = {}

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """A batch for each request; Viber keeps no place, so that the cursor says nothing."""
        with self._api.channel_errors():
            profile: Profile | None = await self._profile()
            batches = pushed(self._context.requests, self._kept, cursor)
            async with aclosing(batches) as some:  # type: ignore[type-var]
                await self._subscribe()
                async for batch in some:
                    yield replace(batch, profile=profile)
                    profile = None
                    await self._subscribe()

    async def _account(self) -> dict[str, Any]:
        self._bot = await self._api.method("get_account_info")
        return self._bot

    async def _profile(self) -> Profile:
        bot = await self._account()
        name, uri = str(bot.get("name") or self._api.host), str(bot.get("uri") or "")
        link = f"viber://pa?chatURI={quote(uri, safe='')}&context={{token}}" if uri else None
        return Profile(name, link)

    async def _subscribe(self) -> None:
        """Tell Viber where to push to; then see every hour that nobody else has changed that."""
        if not self._subscribing.due:
            return
        url = self._context.hook_url
        if url is None:
            raise AccountFailure(Reason("no_base_url"))
        if self._subscribing.first or (await self._account()).get("webhook") != url:
            # Without send_name no message says who wrote it, nor without send_photo how they look.
            await self._api.method(
                "set_webhook", url=url, event_types=list(EVENTS), send_name=True, send_photo=True
            )
        self._subscribing.done()

    async def _kept(self, kept: Kept) -> Sequence[Incoming]:
        told = parsed(kept.request.body)
        got = read(told, self._now(), self._greeting)
        first = got.events[0]
        if isinstance(first, Message):
            self._redrawn.note(first.sender.value, avatar_of(told))
        if got.wanted and isinstance(first, Message):
            events: tuple[IncomingEvent, ...] = (await self._files.into(first, got.wanted),)
        else:
            events = got.events
        raw = raw_of(told)
        return [
            Incoming(key=key, raw=raw, event=event)
            for key, event in zip(_keys(told, got), events, strict=True)
        ]

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        with self._api.channel_errors():
            name = part.sender_name or self._name or (self._bot or await self._account())["name"]
        return await send(self._api, part, name, self._context.publish, transmitting)

    async def picture(self, chat_key: str, person: str) -> bytes | None:
        """Viber tells of a user twice in twelve hours."""
        with self._api.channel_errors():
            told = await self._api.method("get_user_details", id=person)
            return await self._pictures.at(told["user"].get("avatar"))

    def redrawn(self) -> Collection[str]:
        return self._redrawn.news()

    def mint(self, token: str, nonce: str) -> str | None:
        return None  # Viber gives the id

    def parse(self, key: str, raw: bytes) -> Incoming:
        """Read stored bytes again; files stay where they are and become warnings."""
        told = parsed(raw)
        got = read(told, self._now(), self._greeting)
        events = dict(zip(_keys(told, got), got.events, strict=True))
        event = events.get(key, got.events[0])
        if got.wanted and isinstance(event, Message):
            event = without(event, got.wanted)
        return Incoming(key=key, raw=raw, event=event)

    async def probe(self) -> list[Finding]:
        """Is the token right, and does Viber push to us?"""
        try:
            with self._api.channel_errors():
                profile = await self._profile()
        except ChannelError as problem:
            return [Finding(False, self._api.host, problem.reason)]
        known = self._bot.get("webhook")
        missing = not_pushed(self._context.hook_url, lambda url: url == known)
        return [Finding(True, profile.address), *missing]

    async def close(self) -> None:
        await self._api.close()
        await self._files.close()
        await self._pictures.close()


def _keys(told: object, got: Read) -> list[str]:
    """A receipt's key for each event of a request."""
    key = key_of(told)
    return [key, *(f"{key}:{n}" for n in range(1, len(got.events)))]
