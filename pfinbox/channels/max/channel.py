"""One bot: receiving by the web door or by asking, sending and probing put together."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.connection import Broken
from pfinbox.channels.http.every import Every
from pfinbox.channels.http.files import Files, without
from pfinbox.channels.http.pictures import Pictures
from pfinbox.channels.http.pushed import not_pushed, pushed
from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.max.api import MaxApi, query
from pfinbox.channels.max.reading import UPDATES, Video, key_of, raw_of, read, read_raw
from pfinbox.channels.max.send import Sender
from pfinbox.domain.contract.amending import Amendment
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.channel import (
    AccountContext,
    AccountFailure,
    ChannelError,
    Finding,
    Transmitting,
)
from pfinbox.domain.contract.incoming import Edit, Incoming, Message
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Kept

_FILE_LIMIT = 200_000_000
_AT_ONCE = 100
# Of a video, largest first: https://dev.max.ru/docs-api/methods/GET/videos/-videoToken-
_SIZES = (1080, 720, 480, 360, 240, 144)
# MAX unsubscribes a bot that took nothing for eight hours.
_SUBSCRIBE_EVERY = 3600.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MaxChannel:
    """A ``domain.contract.channel.Channel`` whose clock and sleep are given from outside."""

    def __init__(
        self,
        context: AccountContext,
        *,
        now: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        wait: int = 25,
    ) -> None:
        self._context = context
        self._polls = context.settings["mode"] == "poll"
        self._secret = context.settings["secret"]
        self._api = MaxApi(context.settings)
        self._files = Files(_FILE_LIMIT, own=self._api.host)
        self._pictures = Pictures(self._api.host)
        self._sender = Sender(self._api, sleep)
        self._now = now
        self._wait = wait
        self._subscribing = Every(_SUBSCRIBE_EVERY)

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """By the door: a batch for each request. By asking: the cursor is MAX's marker."""
        with self._api.channel_errors():
            profile: Profile | None = await self._who_am_i()
            batches = self._asked(cursor) if self._polls else self._pushed(cursor)
            async with aclosing(batches) as some:  # type: ignore[type-var]
                async for batch in some:
                    yield replace(batch, profile=profile)
                    profile = None

    async def _who_am_i(self) -> Profile:
        me = await self._api.call("GET", "/me")
        name = str(me.get("username") or "") if isinstance(me, dict) else ""
        if not name:
            return Profile(self._api.host)
        return Profile(f"@{name}", f"https://max.ru/{name}?start={{token}}")

    async def _pushed(self, cursor: str | None) -> AsyncIterator[Batch]:
        async with aclosing(pushed(self._context.requests, self._kept, cursor)) as batches:  # type: ignore[type-var]
            await self._subscribe()
            async for batch in batches:
                yield batch
                await self._subscribe()

    async def _subscribe(self) -> None:
        """Tell MAX where to push to, again and again: the same address is taken once."""
        if not self._subscribing.due:
            return
        url = self._context.hook_url
        if url is None or self._secret is None:
            raise AccountFailure(Reason("no_base_url"))
        secret = await asyncio.to_thread(self._secret.reveal)
        body = {"url": url, "update_types": list(UPDATES), "secret": secret}
        answer = await self._api.call("POST", "/subscriptions", json=body)
        if isinstance(answer, dict) and answer.get("success") is False:
            raise AccountFailure(Reason("not_subscribed", {"url": url}))
        self._subscribing.done()

    async def _kept(self, kept: Kept) -> Sequence[Incoming]:
        try:
            update = json.loads(kept.request.body)
        except (ValueError, RecursionError):
            update = kept.request.body.decode("utf-8", "replace")
        return [await self._incoming(update)]

    async def _asked(self, cursor: str | None) -> AsyncIterator[Batch]:
        marker = _marker(cursor)
        while True:
            answer = await self._api.call(
                "GET",
                "/updates",
                seconds=self._wait + 20,
                params=query(
                    timeout=self._wait,
                    limit=_AT_ONCE,
                    marker=marker,
                    types=",".join(UPDATES),
                ),
            )
            updates = answer.get("updates") if isinstance(answer, dict) else None
            if not isinstance(updates, list):
                raise Broken("an answer without updates")
            told = answer.get("marker")
            marker = told if isinstance(told, int) else marker
            items = [await self._incoming(update) for update in updates]
            position = json.dumps({"marker": marker}) if marker is not None else None
            yield Batch(items=tuple(items), cursor=position, idle=not updates)

    async def _incoming(self, update: object) -> Incoming:
        got = read(update, self._now())
        event = got.event
        if got.wanted and isinstance(event, Message | Edit):
            wanted = [await self._fetchable(one) for one in got.wanted]
            event = await self._files.into(event, wanted)
        return Incoming(key=key_of(update), raw=raw_of(update), event=event)

    async def _fetchable(self, want: Wanted) -> Wanted:
        """A video by the address of its largest file; as it is where MAX does not give that."""
        if not isinstance(want, Video):
            return want
        try:
            told = await self._api.call("GET", f"/videos/{quote(want.token, safe='')}")
        except (Refused, Broken):
            return want
        given = told.get("urls") if isinstance(told, dict) else None
        urls = given if isinstance(given, dict) else {}
        found = [urls[f"mp4_{size}"] for size in _SIZES if urls.get(f"mp4_{size}")]
        return replace(want, url=str(found[0])) if found else want

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        return await self._sender.send(part, transmitting)

    async def amend(self, change: Amendment) -> None:
        await self._sender.amend(change)

    async def show_writing(self, chat_key: str) -> None:
        await self._act(chat_key, "typing_on")

    async def mark_read(self, chat_key: str, source_id: str) -> None:
        """All that is there: MAX asks for no message."""
        await self._act(chat_key, "mark_seen")

    async def _act(self, chat_key: str, what: str) -> None:
        action = {"action": what}
        with self._api.channel_errors():
            await self._api.call("POST", f"/chats/{chat_key}/actions", json=action)

    async def picture(self, chat_key: str, person: str) -> bytes | None:
        with self._api.channel_errors():
            told = await self._api.call("GET", f"/chats/{chat_key}")
            user = told.get("dialog_with_user") or {}
            return await self._pictures.at(user.get("avatar_url")) if _is(user, person) else None

    def redrawn(self) -> Collection[str]:
        return ()  # MAX tells of no change

    def mint(self, token: str, nonce: str) -> str | None:
        return None  # MAX gives the id

    def parse(self, key: str, raw: bytes) -> Incoming:
        """Read stored bytes again; files stay where they are and become warnings."""
        got = read_raw(raw, self._now())
        event = got.event
        if got.wanted and isinstance(event, Message | Edit):
            event = without(event, got.wanted)
        return Incoming(key=key, raw=raw, event=event)

    async def probe(self) -> list[Finding]:
        """Is the token right, and does MAX push to us?"""
        try:
            with self._api.channel_errors():
                profile = await self._who_am_i()
                told: Any = {} if self._polls else await self._api.call("GET", "/subscriptions")
        except ChannelError as problem:
            return [Finding(False, self._api.host, problem.reason)]
        findings = [Finding(True, profile.address)]
        if not self._polls:
            given = told.get("subscriptions") if isinstance(told, dict) else None
            known = [one.get("url") for one in given or () if isinstance(one, dict)]
            findings += not_pushed(self._context.hook_url, known.__contains__)
        return findings

    async def close(self) -> None:
        await self._api.close()
        await self._files.close()
        await self._pictures.close()


def _is(user: Mapping[str, Any], person: str) -> bool:
    return str(user.get("user_id")) == person


def _marker(cursor: str | None) -> int | None:
    try:
        return int(json.loads(cursor or "")["marker"])
    except (ValueError, KeyError, TypeError):
        return None
