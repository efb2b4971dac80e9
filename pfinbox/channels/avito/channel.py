"""One seller: news by the web door or by looking, sending and probing put together.

A request to the door only says in which chat to look. Every chat that has changed is looked at when
the daemon starts and every few minutes, so that nothing is lost when a request is.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

from pfinbox.channels.avito.admit import hook_secret, key_of
from pfinbox.channels.avito.api import AvitoApi
from pfinbox.channels.avito.chats import Chats, Json, avatar_of, moved_at, said_at
from pfinbox.channels.avito.position import Position
from pfinbox.channels.avito.reading import Read, Voice, ignored, raw_of, read, read_raw
from pfinbox.channels.avito.send import Sender
from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.every import Every
from pfinbox.channels.http.files import Files, without
from pfinbox.channels.http.lost import lost
from pfinbox.channels.http.pictures import Pictures
from pfinbox.channels.http.pushed import pushed
from pfinbox.channels.http.told import moment
from pfinbox.channels.http.wanted import Wanted
from pfinbox.domain.contract.amending import Amendment
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.channel import AccountContext, ChannelError, Finding, Transmitting
from pfinbox.domain.contract.incoming import (
    Deletion,
    Incoming,
    IncomingEvent,
    Message,
    Report,
    Sort,
)
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Kept, Requests

_FILE_LIMIT = 50_000_000
_LOOK_EVERY = 300.0
# Where nothing is pushed, and where what was pushed is not there yet.
_LOOK_SOON = 30.0
_SUBSCRIBE_EVERY = 3600.0
_MOST_READ = 20_000


class NoDoor:
    """The requests of an account that nothing is pushed to."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._sleep = sleep

    async def waiting(self, after: int) -> Sequence[Kept]:
        return ()

    async def arrival(self) -> None:
        await self._sleep(_LOOK_SOON)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AvitoChannel:
    """A ``domain.contract.channel.Channel`` whose clock and sleep are given from outside."""

    def __init__(
        self,
        context: AccountContext,
        *,
        now: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._user_id = int(context.settings["user_id"])
        self._secret = context.settings["client_secret"]
        self._hook_url = context.hook_url
        door = context.requests if context.hook_url is not None else None
        self._is_pushed_to = door is not None
        self._requests: Requests = door or NoDoor(sleep)
        self._api = AvitoApi(context.settings, sleep)
        self._chats = Chats(self._api)
        self._sender = Sender(self._api)
        self._files = Files(_FILE_LIMIT, own=self._api.host)
        self._pictures = Pictures(self._api.host)
        self._now = now
        self._subscribing = Every(_SUBSCRIBE_EVERY)
        self._looking = Every(_LOOK_EVERY if self._is_pushed_to else _LOOK_SOON)
        # The receipts' keys of what was read, and stored, since ``receive`` was called.
        self._read: dict[str, None] = {}
        self._position = Position(0, 0)

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """A batch for each request and each chat that has changed; see ``Position``."""
        began = int(self._now().timestamp())
        self._position = Position.load(cursor) or Position(began, began)
        self._read.clear()
        profile: Profile | None = Profile(f"Avito {self._user_id}")
        with self._api.channel_errors():
            await self._subscribe()
            async for batch in self._look():
                yield replace(batch, profile=profile)
                profile = None
            async with aclosing(pushed(self._requests, self._kept, None)) as some:  # type: ignore[type-var]
                async for batch in some:
                    yield batch
                    await self._subscribe()
                    if self._looking.due:
                        async for found in self._look():
                            yield found

    async def _look(self) -> AsyncIterator[Batch]:
        """Read every chat that has changed; only after the last one it counts as looked at."""
        newest, since = self._position.newest, self._position.since
        async for chat in self._chats.changed(since):
            newest = max(newest, moved_at(chat))
            items = await self._news_in(str(chat["id"]))
            if items:
                yield Batch(items=tuple(items))
        self._position = replace(self._position, newest=newest)
        self._looking.done()
        missing = [self._missing(since, self._chats.unreached)] if self._chats.unreached else []
        yield Batch(items=tuple(missing), cursor=self._position.dump())

    def _missing(self, since: int, until: int) -> Incoming:
        now = self._now()
        reason = Reason("history_too_long", {"chat": self._api.host})
        return lost(f"chats {since}", None, reason, moment(since, now), moment(until, now))

    async def _kept(self, kept: Kept) -> Sequence[Incoming]:
        """What is new in the chat that a request is about."""
        body = kept.request.body
        value = _message_told(body)
        if value is None:
            return [Incoming(key=key_of(body), raw=body, event=ignored("an unknown request"))]
        if value.get("chat_type") == "a2u" or value.get("user_id") != self._user_id:
            return [Incoming(key=key_of(body), raw=body, event=ignored("no chat with a buyer"))]
        what = "deleted" if value.get("type") == "deleted" else "message"
        key = f"{what}:{value.get('id')}"
        if key in self._read:
            return []
        items = await self._news_in(str(value.get("chat_id")))
        if items is None:
            return [Incoming(key=key_of(body), raw=body, event=ignored("a chat that is gone"))]
        if key not in self._read:
            # The list of messages may be older than the request.
            self._looking.done(_LOOK_SOON)
        return items

    async def _news_in(self, chat_key: str) -> list[Incoming] | None:
        """What has not been read before, oldest first; None for a chat that is gone.

        Of older messages only what became of them is news: taken back, or seen.
        """
        found: list[Incoming] = []
        began, since = self._position.began, self._position.since
        try:
            chat = await self._chats.named(chat_key)
            messages = await self._chats.said(chat_key, since)
        except Refused as refused:
            if refused.status in (403, 404):
                return None
            raise
        for message in messages:
            at = said_at(message)
            raw = raw_of(message, chat)
            for one in read(message, chat, self._user_id, self._now()) if at >= began else ():
                became = isinstance(one.event, Report | Deletion)
                if one.key in self._read or not (became or at >= since):
                    continue
                found.append(Incoming(key=one.key, raw=raw, event=await self._event(one)))
                self._read[one.key] = None
        while len(self._read) > _MOST_READ:
            del self._read[next(iter(self._read))]
        return found

    async def _event(self, got: Read) -> IncomingEvent:
        event = got.event
        if not isinstance(event, Message):
            return event
        if event.sent_elsewhere and await self._sender.is_ours(
            event.chat_key or "", event.source_id
        ):
            return replace(event, sort=Sort.OWN_LOOP)
        wanted = [await self._fetchable(one) for one in got.wanted]
        return await self._files.into(event, wanted) if wanted else event

    async def _fetchable(self, want: Wanted) -> Wanted:
        """A voice message by the address that it has at the moment."""
        if not isinstance(want, Voice):
            return want
        address = await self._chats.voice(want.voice_id)
        return replace(want, url=address) if address else want

    async def _subscribe(self) -> None:
        """Tell Avito where to push to, and see every hour that it still does."""
        if self._hook_url is None or not self._is_pushed_to or not self._subscribing.due:
            return
        url = await self._secret_url(self._hook_url)
        if url not in await self._subscriptions():
            await self._api.call("POST", "/messenger/v3/webhook", json={"url": url})
        self._subscribing.done()

    async def _secret_url(self, hook_url: str) -> str:
        secret = hook_secret(await self._api.reveal(self._secret))
        self._api.hide(secret)
        return f"{hook_url}/{secret}"

    async def _subscriptions(self) -> list[str]:
        told = await self._api.call("POST", "/messenger/v1/subscriptions")
        given = told.get("subscriptions") if isinstance(told, dict) else None
        return [str(one.get("url")) for one in given or () if isinstance(one, dict)]

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        return await self._sender.send(part, transmitting)

    async def amend(self, change: Amendment) -> None:
        await self._sender.amend(change)

    async def mark_read(self, chat_key: str, source_id: str) -> None:
        """All that is there: Avito asks for no message."""
        with self._api.channel_errors():
            path = f"{self._api.of_user}/chats/{quote(chat_key, safe='')}/read"
            await self._api.call("POST", path)

    async def picture(self, chat_key: str, person: str) -> bytes | None:
        with self._api.channel_errors():
            return await self._pictures.at(avatar_of(await self._chats.named(chat_key), person))

    def redrawn(self) -> Collection[str]:
        return self._chats.redrawn.news()

    def mint(self, token: str, nonce: str) -> str | None:
        return None  # Avito gives the id

    def parse(self, key: str, raw: bytes) -> Incoming:
        """Read stored bytes again; files stay where they are and become warnings."""
        found = read_raw(raw, self._user_id, self._now())
        got = next((one for one in found if one.key == key), found[0])
        event = got.event
        if got.wanted and isinstance(event, Message):
            event = without(event, got.wanted)
        return Incoming(key=key, raw=raw, event=event)

    async def probe(self) -> list[Finding]:
        """Is the secret right, does the plan have the API of messages, does Avito push to us?"""
        subject = f"Avito {self._user_id}"
        try:
            with self._api.channel_errors():
                await self._api.call("GET", f"{self._api.of_user_v2}/chats", params={"limit": "1"})
                known = await self._subscriptions() if self._hook_url else []
                url = await self._secret_url(self._hook_url) if self._hook_url else None
        except ChannelError as problem:
            return [Finding(False, self._api.host, problem.reason)]
        findings = [Finding(True, subject)]
        if url is not None and url not in known:
            reason = Reason("not_subscribed", {"url": f"{self._hook_url}/…"})
            findings.append(Finding(False, "webhook", reason))
        return findings

    async def close(self) -> None:
        await self._api.close()
        await self._files.close()
        await self._pictures.close()


def _message_told(body: bytes) -> Json | None:
    """What a request says of a message; None where it is about something else."""
    try:
        told = json.loads(body)
        payload = told["payload"]
        value = payload["value"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return value if payload.get("type") == "message" and isinstance(value, dict) else None
