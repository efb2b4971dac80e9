"""Handing one part over, and changing what was sent.

https://dev.max.ru/docs-api/methods/POST/messages, PUT/messages, DELETE/messages, POST/uploads
"""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.connection import Broken
from pfinbox.channels.http.pace import Pace
from pfinbox.channels.max.api import NOT_READY, MaxApi
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import PermanentFailure, Transmitting
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.cleaning import clean_line

_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff")
_IMAGE_LIMIT = 50_000_000
# While MAX works on a file it refuses the message that names it.
_NOT_READY_YET = (0.5, 1.0, 2.0, 4.0, 8.0)
# Two messages a second in one dialogue.
_CHAT_RATE = 2
_MOST_CHATS = 1000
_UPLOAD = 300.0


class Sender:
    def __init__(self, api: MaxApi, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._api = api
        self._sleep = sleep
        self._paces: dict[str, Pace] = {}

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        """See ``Channel.send``."""
        chat = part.chat_key or ""
        # No message has left yet: a file that was handed over in vain hurts nobody.
        with self._api.channel_errors():
            attachments = [await self._upload(file) for file in part.files]
        quoted = part.quote_source_id
        body = {
            "text": part.text or None,
            "attachments": attachments or None,
            "link": {"type": "reply", "mid": quoted} if quoted else None,
        }
        await self._turn(chat)
        await transmitting()
        with self._api.channel_errors(sending=True):
            try:
                return Sent(_mid(await self._post(chat, body)))
            except Refused as refused:
                raise _of_chat(refused) from refused

    async def _post(self, chat: str, body: dict[str, Any]) -> Any:
        """A refusal for a file that is not ready is certain, so that it may be asked again."""
        for pause in _NOT_READY_YET:
            try:
                return await self._message("POST", body, chat_id=chat)
            except Refused as refusal:
                if refusal.code != NOT_READY:
                    raise
            await self._sleep(pause)
        return await self._message("POST", body, chat_id=chat)

    async def _message(self, method: str, body: dict[str, Any] | None = None, **which: str) -> Any:
        return await self._api.call(method, "/messages", json=body, params=which)

    async def _turn(self, chat: str) -> None:
        if len(self._paces) > _MOST_CHATS:
            self._paces.clear()
        pace = self._paces.setdefault(chat, Pace(_CHAT_RATE, sleep=self._sleep))
        await pace.turn()

    async def _upload(self, file: File) -> dict[str, Any]:
        image = file.media_type in _IMAGES and len(file.content) <= _IMAGE_LIMIT
        kind = "image" if image else "file"
        place = await self._api.call("POST", "/uploads", params={"type": kind})
        form = aiohttp.FormData()
        name = clean_line(file.name, 150).replace('"', "'").replace("\\", "_") or "file"
        form.add_field("data", file.content, filename=name, content_type=file.media_type)
        answer = await self._api.taken(str(place["url"]), form, seconds=_UPLOAD)
        if not isinstance(answer, dict) or not ("photos" in answer or "token" in answer):
            raise Broken("the file was not taken")
        return {"type": kind, "payload": answer}

    async def amend(self, change: Amendment) -> None:
        """See ``Amending.amend``."""
        with self._api.channel_errors():
            if change.kind is AmendmentKind.EDIT:
                # What is null stays as it is.
                body = {"text": change.text, "attachments": None, "link": None}
                answer = await self._message("PUT", body, message_id=change.source_id)
            else:
                answer = await self._message("DELETE", message_id=change.source_id)
        if isinstance(answer, dict) and answer.get("success") is False:
            raise PermanentFailure(
                Reason("rejected", {"detail": f"MAX: {str(answer.get('message', ''))[:200]}"})
            )


def _of_chat(refused: Refused) -> Exception:
    """What a refused message says of its chat; the refusal itself where that is nothing."""
    if refused.status == 403:
        return PermanentFailure(Reason("blocked_by_client"), chat_writable=False)
    if refused.status == 404:
        return PermanentFailure(Reason("chat_gone"), chat_writable=False)
    return refused


def _mid(answer: Any) -> str:
    """The new message's id."""
    message = answer.get("message") if isinstance(answer, dict) else None
    body = message.get("body") if isinstance(message, dict) else None
    mid = body.get("mid") if isinstance(body, dict) else None
    if not mid:
        raise Broken("no id of the message")
    return str(mid)
