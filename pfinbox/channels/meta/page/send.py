"""Handing one part over to Messenger or Instagram.

https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages
"""

import asyncio
import json
from collections import deque
from typing import Any

import aiohttp

from pfinbox.channels.http.connection import Broken
from pfinbox.channels.meta.api import GraphApi, GraphRefused
from pfinbox.channels.meta.refusals import is_window
from pfinbox.domain.contract.channel import Transmitting
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.text.cleaning import clean_line

_KINDS = ("image", "video", "audio")
_REMEMBERED = 2000


class Sender:
    """Sends in the name of one page.

    ``platform``: "instagram", or "" for Messenger. ``as_person``: the app may answer within seven
    days what a person answers (HUMAN_AGENT).
    """

    def __init__(self, api: GraphApi, *, platform: str, as_person: bool) -> None:
        self._api = api
        self._platform = {"platform": platform} if platform else {}
        self._as_person = as_person
        self._under_way: set[asyncio.Future[None]] = set()
        self._sent: deque[str] = deque(maxlen=_REMEMBERED)

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        """See ``Channel.send``."""
        message: dict[str, Any] = {"text": part.text}
        with self._api.channel_errors():
            # No message has left yet: a file that was handed over in vain hurts nobody.
            if part.files:
                message = {"attachment": await self._upload(part.files[0])}
        body: dict[str, Any] = {"recipient": {"id": part.chat_key}, "message": message}
        if part.quote_source_id:
            body["reply_to"] = {"mid": part.quote_source_id}
        await transmitting()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way.add(done)
        try:
            with self._api.channel_errors(sending=True):
                name = await self._post(body, as_person=self._as_person and not part.automatic)
            self._sent.append(name)
        finally:
            self._under_way.discard(done)
            done.set_result(None)
        return Sent(name)

    async def is_ours(self, name: str) -> bool:
        """Whether pfinbox sent the message; Meta may tell of it before it answers."""
        if name not in self._sent and self._under_way:
            await asyncio.wait(list(self._under_way))
        return name in self._sent

    async def _post(self, body: dict[str, Any], *, as_person: bool) -> str:
        try:
            told = await self._api.post("/me/messages", json={**body, "messaging_type": "RESPONSE"})
        except GraphRefused as refused:
            # Within a day no tag is allowed, later it is needed: the refusal is certain.
            if not (as_person and is_window(refused.error)):
                raise
            tagged = {**body, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
            told = await self._api.post("/me/messages", json=tagged)
        name = told.get("message_id") if isinstance(told, dict) else None
        if not name:
            raise Broken("no id of the message")
        return str(name)

    async def _upload(self, file: File) -> dict[str, Any]:
        whole, _slash, _rest = file.media_type.partition("/")
        kind = whole if whole in _KINDS else "file"
        attachment = {"type": kind, "payload": {"is_reusable": True}}
        form = aiohttp.FormData()
        for field, value in self._platform.items():
            form.add_field(field, value)
        form.add_field("message", json.dumps({"attachment": attachment}))
        name = clean_line(file.name, 150).replace('"', "'").replace("\\", "_") or "file"
        form.add_field("filedata", file.content, filename=name, content_type=file.media_type)
        answer = await self._api.post("/me/message_attachments", data=form, seconds=300)
        return {"type": kind, "payload": {"attachment_id": str(answer["attachment_id"])}}
