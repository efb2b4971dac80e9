"""Handing one part over to WhatsApp.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
"""

from typing import Any

import aiohttp

from pfinbox.channels.http.connection import Broken
from pfinbox.channels.meta.api import GraphApi
from pfinbox.channels.meta.pieces import inner, listed
from pfinbox.channels.meta.whatsapp import templates
from pfinbox.domain.contract.channel import Transmitting
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.text.cleaning import clean_line

_MEGABYTE = 1_000_000
# What WhatsApp shows in place, up to which size; everything else is a document.
_SHOWN = {
    "image/jpeg": ("image", 5 * _MEGABYTE),
    "image/png": ("image", 5 * _MEGABYTE),
    "video/mp4": ("video", 16 * _MEGABYTE),
    "video/3gpp": ("video", 16 * _MEGABYTE),
    "audio/aac": ("audio", 16 * _MEGABYTE),
    "audio/amr": ("audio", 16 * _MEGABYTE),
    "audio/mpeg": ("audio", 16 * _MEGABYTE),
    "audio/mp4": ("audio", 16 * _MEGABYTE),
    "audio/ogg": ("audio", 16 * _MEGABYTE),
}


class Sender:
    """Sends by one phone number."""

    def __init__(self, api: GraphApi, number: str) -> None:
        self._api = api
        self._number = number

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        """See ``Channel.send``."""
        with self._api.channel_errors():
            # No message has left yet: a file that was handed over in vain hurts nobody.
            what = await self._what(part)
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **_recipient(part),
            **what,
            # Comes back with each status: so a message is known whose answer was lost.
            "biz_opaque_callback_data": part.nonce,
        }
        if part.quote_source_id:
            body["context"] = {"message_id": part.quote_source_id}
        await transmitting()
        with self._api.channel_errors(sending=True):
            return Sent(_name(await self._api.post(f"/{self._number}/messages", json=body)))

    async def _what(self, part: Outgoing) -> dict[str, Any]:
        if part.template is not None:
            name = _file_name(part.files[0]) if part.files else ""
            file_id = await self._upload(part.files[0]) if part.files else ""
            told = templates.message(part.template, file_id, name)
            return {"type": "template", "template": told}
        if not part.files:
            return {"type": "text", "text": {"body": part.text, "preview_url": False}}
        file = part.files[0]
        kind, most = _SHOWN.get(file.media_type, ("document", 0))
        if len(file.content) > most or (kind == "audio" and part.text):
            kind = "document"
        told = {"id": await self._upload(file)}
        if part.text:
            told["caption"] = part.text
        if kind == "document":
            told["filename"] = _file_name(file)
        return {"type": kind, kind: told}

    async def _upload(self, file: File) -> str:
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", file.media_type)
        form.add_field(
            "file", file.content, filename=_file_name(file), content_type=file.media_type
        )
        answer = await self._api.post(f"/{self._number}/media", data=form, seconds=300)
        return str(answer["id"])


def _recipient(part: Outgoing) -> dict[str, str]:
    """The number where it is known, which WhatsApp prefers, and the id that lasts."""
    key = part.chat_key or ""
    if key.isascii() and key.isdecimal():
        return {"to": key}
    called = next((one.username or "" for one in part.to if one.value == key), "")
    number = {"to": called[1:]} if called.startswith("+") else {}
    return {**number, "recipient": key}


def _file_name(file: File) -> str:
    return clean_line(file.name, 150).replace('"', "'").replace("\\", "_") or "file"


def _name(answer: Any) -> str:
    """The new message's id."""
    found = listed(answer.get("messages") if isinstance(answer, dict) else None)
    name = inner({"one": found[0] if found else {}}, "one").get("id")
    if not name:
        raise Broken("no id of the message")
    return str(name)
