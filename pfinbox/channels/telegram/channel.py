"""One bot's connection: receiving, sending and probing put together."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiogram.methods import TelegramMethod

from pfinbox.channels.telegram.album import merged, runs
from pfinbox.channels.telegram.amend import Amender
from pfinbox.channels.telegram.api import Api
from pfinbox.channels.telegram.failures import failure
from pfinbox.channels.telegram.fetch import OWN_LIMIT, PUBLIC_LIMIT, Fetcher, unfetched
from pfinbox.channels.telegram.pace import Pace
from pfinbox.channels.telegram.poll import Poller
from pfinbox.channels.telegram.reading.fields import canonical, key_of, words
from pfinbox.channels.telegram.reading.reading import Reading
from pfinbox.channels.telegram.reading.update import read
from pfinbox.channels.telegram.send import Sender
from pfinbox.channels.telegram.settings import (
    CAPABILITIES,
    LIMITS,
    adapt,
    is_own_server,
    profile_of,
)
from pfinbox.channels.telegram.speech import Target
from pfinbox.domain.contract.amending import Amendment
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.channel import AccountContext, ChannelError, Finding
from pfinbox.domain.contract.incoming import Edit, Incoming, Message, Unreadable
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.i18n import _

_WEIGHT = 32 * 1024 * 1024  # bytes of files that one batch may hold in memory


class _GetMe(TelegramMethod[Any]):
    __returning__ = Any
    __api_method__ = "getMe"


class _GetWebhookInfo(TelegramMethod[Any]):
    __returning__ = Any
    __api_method__ = "getWebhookInfo"


class _ShowTyping(TelegramMethod[Any]):
    """https://core.telegram.org/bots/api#sendchataction"""

    __returning__ = Any
    __api_method__ = "sendChatAction"

    chat_id: int
    action: str = "typing"
    business_connection_id: str | None = None
    message_thread_id: int | None = None


class _ReadBusinessMessage(TelegramMethod[Any]):
    """https://core.telegram.org/bots/api#readbusinessmessage"""

    __returning__ = Any
    __api_method__ = "readBusinessMessage"

    business_connection_id: str
    chat_id: int
    message_id: int


def _utc_now() -> datetime:
    return datetime.now(UTC)


class TelegramChannel:
    """A ``domain.contract.channel.Channel`` whose clock, sleep and pace are given from outside."""

    def __init__(
        self,
        context: AccountContext,
        *,
        now: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pace: Pace | None = None,
    ) -> None:
        settings = context.settings
        own = is_own_server(settings)
        _, limits = adapt(settings, CAPABILITIES, LIMITS)
        self._api = Api(settings)
        self._groups = bool(settings.get("groups"))
        self._poll_seconds = int(settings.get("poll_seconds", 20))
        self._now = now
        self._sleep = sleep
        self._profile: Profile | None = None
        self._fetcher = Fetcher(self._api, OWN_LIMIT if own else PUBLIC_LIMIT)
        pace = pace or Pace()
        self._sender = Sender(self._api, limits, pace)
        self._amender = Amender(self._api, pace)

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Batches as they come; the cursor has no meaning here, the server keeps the position."""
        poller = Poller(self._api, self._poll_seconds, self._now, self._sleep)
        profile: Profile | None = await self._who_am_i()
        while True:
            updates = await poller.updates()
            if not updates:
                yield Batch(idle=True, profile=profile)
                profile = None
                continue
            async with aclosing(self._batches(updates)) as batches:
                async for batch in batches:
                    yield replace(batch, profile=profile)
                    profile = None
            poller.confirm(updates)

    async def _who_am_i(self) -> Profile:
        """The bot's name, which only Telegram knows: what an invitation link is made with (R30)."""
        if self._profile is not None:
            return self._profile
        try:
            me = await self._api.call(_GetMe(), 20)
        except Exception as problem:
            failed = failure(problem, host=self._api.host, token=self._api.token)
        else:
            name = words(me, "username") if isinstance(me, dict) else ""
            self._profile = profile_of(name) if name else Profile(self._api.host)
            return self._profile
        raise failed

    async def _batches(self, updates: list[Any]) -> AsyncGenerator[Batch, None]:
        """One poll's updates, cut where their files grow too heavy; albums stay whole."""
        readings = [read(update, now=self._now(), groups=self._groups) for update in updates]
        items: list[Incoming] = []
        weight = 0
        for start, end in runs(readings):
            try:
                unit = [
                    await self._incoming(update, reading)
                    for update, reading in zip(updates[start:end], readings[start:end], strict=True)
                ]
            except ChannelError as problem:
                failed = problem
                break
            items += merged(unit)
            weight += sum(_weight(item) for item in unit)
            if weight > _WEIGHT:
                yield Batch(items=tuple(items))
                items, weight = [], 0
        else:
            if items:
                yield Batch(items=tuple(items))
            return
        if items:
            yield Batch(items=tuple(items))  # what was read before the trouble is not held up
        raise failed

    async def _incoming(self, update: Any, reading: Reading) -> Incoming:
        event = reading.event
        if isinstance(event, Message | Edit) and reading.wanted:
            files, warnings = await self._fetcher.fetch(reading.wanted)
            event = replace(event, files=tuple(files), warnings=(*event.warnings, *warnings))
        return Incoming(key=key_of(update), raw=canonical(update), event=event)

    async def send(self, part: Outgoing, transmitting: Callable[[], Awaitable[None]]) -> Sent:
        return await self._sender.send(part, transmitting)

    async def amend(self, change: Amendment) -> None:
        await self._amender.amend(change)

    async def show_writing(self, chat_key: str) -> None:
        target = Target.of(chat_key)
        action = _ShowTyping(
            chat_id=target.chat,
            business_connection_id=target.connection,
            message_thread_id=target.topic,
        )
        await self._tell(action)

    async def mark_read(self, chat_key: str, source_id: str) -> None:
        """Only a business account's chats: a bot has read at once what it was sent."""
        target = Target.of(chat_key)
        number = source_id.rpartition(":")[2]
        if target.connection is not None and number.isdecimal():
            await self._tell(
                _ReadBusinessMessage(
                    business_connection_id=target.connection,
                    chat_id=target.chat,
                    message_id=int(number),
                )
            )

    async def _tell(self, action: TelegramMethod[Any]) -> None:
        try:
            await self._api.call(action, 10)
        except Exception as problem:
            failed = failure(problem, host=self._api.host, token=self._api.token)
        else:
            return
        raise failed

    async def picture(self, chat_key: str, person: str) -> bytes | None:
        try:
            return await self._fetcher.picture(person)
        except Exception as problem:
            failed = failure(problem, host=self._api.host, token=self._api.token)
        raise failed

    def redrawn(self) -> Collection[str]:
        return ()  # Telegram tells bots of no change

    def mint(self, token: str, nonce: str) -> str | None:
        return None  # Telegram gives the number

    def parse(self, key: str, raw: bytes) -> Incoming:
        """Read stored bytes again; files stay where they are and become warnings."""
        now = self._now()
        try:
            update = json.loads(raw)
        except (ValueError, RecursionError):
            reason = Reason("unreadable", {"detail": "no JSON"})
            return Incoming(key=key, raw=raw, event=Unreadable(reason=reason, sent_at=now))
        reading = read(update, now=now, groups=self._groups)
        event = reading.event
        if isinstance(event, Message | Edit) and reading.wanted:
            event = replace(event, warnings=(*event.warnings, *unfetched(reading.wanted)))
        return Incoming(key=key, raw=raw, event=event)

    async def probe(self) -> list[Finding]:
        """Is the host there, is the token right, does another program hold a webhook?"""
        api, begun = self._api, time.monotonic()
        try:
            me = await api.call(_GetMe(), 20)
            seconds = time.monotonic() - begun
            hook = await api.call(_GetWebhookInfo(), 20)
        except Exception as problem:
            return [
                Finding(False, api.host, failure(problem, host=api.host, token=api.token).reason)
            ]
        name = me.get("username") if isinstance(me, dict) else None
        findings = [Finding(True, f"@{name}" if name else api.host, None, seconds)]
        if isinstance(hook, dict) and hook.get("url"):
            findings.append(Finding(False, "webhook", Reason("webhook_set")))
        # https://core.telegram.org/bots/features#privacy-mode
        if self._groups and isinstance(me, dict) and not me.get("can_read_all_group_messages"):
            findings.append(Finding(False, _("groups"), Reason("group_privacy")))
        return findings

    async def close(self) -> None:
        await self._api.close()


def _weight(item: Incoming) -> int:
    return sum(len(f.content) for f in getattr(item.event, "files", ()))
