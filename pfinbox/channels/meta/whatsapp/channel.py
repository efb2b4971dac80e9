"""One phone number of WhatsApp's Cloud API."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.connection import Broken, NotConnected
from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.meta.channel import MetaChannel, apps, utc_now
from pfinbox.channels.meta.pieces import Json, Read
from pfinbox.channels.meta.whatsapp import reading
from pfinbox.channels.meta.whatsapp.content import Media
from pfinbox.channels.meta.whatsapp.send import Sender
from pfinbox.channels.meta.whatsapp.templates import approved
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.channel import (
    AccountContext,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    Transmitting,
)
from pfinbox.domain.contract.incoming import ChatKeyChanged, Incoming
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.template import Template

_TEMPLATES_EVERY = 3600.0
_TRIES = 3


class WhatsApp(MetaChannel):
    """See ``MetaChannel``. The cursor is the WhatsApp business account's id, once it is known."""

    def __init__(self, context: AccountContext, *, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(context, now=now)
        self._number = str(context.settings["phone_number_id"])
        self._business = str(context.settings["business_account_id"] or "")
        self._sender = Sender(self._api, self._number)
        self._told: tuple[Template, ...] | None = None
        self._list_at = 0.0
        # Numbers whose chats have been joined to an id that lasts.
        self._same: set[str] = set()
        self._tries: dict[str, int] = {}

    async def receive(self, cursor: str | None):  # type: ignore[no-untyped-def]
        self._business = self._business or _business_in(cursor)
        # What was read and not stored is read again.
        self._told, self._list_at, self._same = None, 0.0, set()
        async for batch in super().receive(cursor):
            yield batch

    def _pieces(self, payload: object) -> Iterable[Json]:
        return reading.pieces(payload)

    def _key(self, piece: Json) -> str:
        return reading.key(piece)

    def _read(self, piece: object) -> Read:
        return reading.read(piece, self._number, self._now())

    async def _whole(self, piece: Json) -> Json:
        """A request names the business account, which lists the templates."""
        ours = str(piece.get("number") or self._number) == self._number
        if ours and not self._business and piece.get("business"):
            self._business, self._list_at = str(piece["business"]), 0.0
        if piece.get("field") in reading.TEMPLATE_FIELDS:
            self._list_at = 0.0
        return piece

    async def _before(self, got: Read, key: str, raw: bytes) -> list[Incoming]:
        """That a number and an id are one person."""
        same = got.before
        if not isinstance(same, ChatKeyChanged):
            return await super()._before(got, key, raw)
        has_chat, number = self._context.has_chat, same.chat_key
        if number in self._same or has_chat is None or not await has_chat(number):
            return []
        self._same.add(number)
        return [Incoming(key=f"same:{number}:{same.new_key}:before", raw=raw, event=same)]

    async def _fetchable(self, want: Wanted) -> Wanted:
        """Its address is asked for anew each time: it is good for five minutes."""
        if not isinstance(want, Media):
            return want
        try:
            told = await self._api.get(f"/{want.media_id}", phone_number_id=self._number)
            url = str(told["url"])
        except Refused as refused:
            # What is refused for now, or with the account, comes another time.
            refusal = self._api.failure(refused)
            if not isinstance(refusal, PermanentFailure):
                raise refusal from None
            return want
        except (NotConnected, Broken, KeyError, TypeError) as problem:
            tries = self._tries[want.key] = self._tries.get(want.key, 0) + 1
            if tries < _TRIES:
                raise _again(self._api.failure(problem)) from None
            return want
        finally:
            if self._tries.get(want.key, 0) >= _TRIES:
                del self._tries[want.key]
        return replace(want, url=url, head=await self._api.head())

    async def _with_news(self, batch: Batch) -> Batch:
        if not self._business or time.monotonic() < self._list_at:
            return batch
        self._list_at = time.monotonic() + _TEMPLATES_EVERY
        try:
            with self._api.channel_errors():
                known = await approved(self._api, self._business)
        except ChannelError:
            return batch
        if known == self._told:
            return batch
        self._told = known
        return replace(batch, templates=known, cursor=json.dumps({"business": self._business}))

    async def _who_am_i(self) -> Profile:
        fields = "id,display_phone_number,verified_name"
        me = await self._api.get(f"/{self._number}", fields=fields)
        return Profile(str(me.get("display_phone_number") or self._number))

    async def _subscribed(self) -> list[Json]:
        if not self._business:
            raise Refused(404)
        return apps(await self._api.get(f"/{self._business}/subscribed_apps"))

    async def mark_read(self, chat_key: str, source_id: str) -> None:
        body = {"messaging_product": "whatsapp", "status": "read", "message_id": source_id}
        with self._api.channel_errors():
            await self._api.post(f"/{self._number}/messages", json=body)

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        return await self._sender.send(part, transmitting)


def _again(problem: ChannelError) -> ChannelError:
    return problem if isinstance(problem, TemporaryFailure) else TemporaryFailure(problem.reason)


def _business_in(cursor: str | None) -> str:
    try:
        return str(json.loads(cursor or "")["business"])
    except (ValueError, KeyError, TypeError):
        return ""
