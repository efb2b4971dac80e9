"""Handing one part over, and taking it back.

https://developers.avito.ru/api-catalog/messenger/documentation
"""

import asyncio
from typing import Any
from urllib.parse import quote

import aiohttp

from pfinbox.channels.avito.api import AvitoApi
from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.connection import Broken
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import PermanentFailure, Transmitting
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.cleaning import clean_line

_UPLOAD = 300.0
_MOST = 1000


class Sender:
    def __init__(self, api: AvitoApi) -> None:
        self._api = api
        self._sent: dict[str, None] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        """See ``Channel.send``."""
        chat = part.chat_key or ""
        path = f"{self._api.of_user}/chats/{quote(chat, safe='')}/messages"
        body: dict[str, Any] = {"type": "text", "message": {"text": part.text}}
        if part.files:
            # No message has left yet: a picture that was handed over in vain hurts nobody.
            with self._api.channel_errors():
                body = {"image_id": await self._upload(part.files[0])}
            path = f"{path}/image"
        async with self._turn(chat):
            await transmitting()
            with self._api.channel_errors(sending=True):
                name = _name(await self._post(path, body))
            self._remember(name)
        return Sent(name)

    async def is_ours(self, chat: str, name: str) -> bool:
        """Whether a message in the seller's name was sent from here.

        Avito may tell of a message before it has answered the hand-over.
        """
        async with self._turn(chat):
            return name in self._sent

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        try:
            return await self._api.call("POST", path, json=body)
        except Refused as refused:
            if refused.status == 403:
                raise PermanentFailure(
                    Reason("blocked_by_client"), chat_writable=False
                ) from refused
            if refused.status == 404:
                raise PermanentFailure(Reason("chat_gone"), chat_writable=False) from refused
            raise

    async def _upload(self, file: File) -> str:
        form = aiohttp.FormData()
        name = clean_line(file.name, 150).replace('"', "'").replace("\\", "_") or "picture"
        form.add_field("uploadfile[]", file.content, filename=name, content_type=file.media_type)
        told = await self._api.call(
            "POST", f"{self._api.of_user}/uploadImages", data=form, seconds=_UPLOAD
        )
        if not isinstance(told, dict) or not told:
            raise Broken("the picture was not taken")
        return str(next(iter(told)))

    def _turn(self, chat: str) -> asyncio.Lock:
        if len(self._turns) > _MOST:
            self._turns = {key: one for key, one in self._turns.items() if one.locked()}
        return self._turns.setdefault(chat, asyncio.Lock())

    def _remember(self, name: str) -> None:
        self._sent[name] = None
        if len(self._sent) > _MOST:
            del self._sent[next(iter(self._sent))]

    async def amend(self, change: Amendment) -> None:
        """See ``Amending.amend``."""
        if change.kind is not AmendmentKind.DELETE:
            raise PermanentFailure(Reason("unsupported", {"detail": change.kind.value}))
        chat, name = quote(change.chat_key, safe=""), quote(change.source_id, safe="")
        with self._api.channel_errors():
            await self._api.call("POST", f"{self._api.of_user}/chats/{chat}/messages/{name}")


def _name(told: Any) -> str:
    name = told.get("id") if isinstance(told, dict) else None
    if not name:
        raise Broken("no id of the message")
    return str(name)
