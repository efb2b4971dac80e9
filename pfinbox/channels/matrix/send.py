"""Handing one part over, and changing what was sent.

https://spec.matrix.org/v1.16/client-server-api/#sending-events-to-a-room
"""

from typing import Any

from pfinbox.channels.http.api import Refused
from pfinbox.channels.matrix import ids, media
from pfinbox.channels.matrix.api import MatrixApi, room_path
from pfinbox.channels.matrix.encryption.cipher import EXTRA, Cipher
from pfinbox.channels.matrix.formatting import spelled
from pfinbox.channels.matrix.reading.content import mapping
from pfinbox.channels.matrix.rooms import Rooms
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import PermanentFailure, Transmitting
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason

_MESSAGE = "m.room.message"
# Fields of a file's message that an edit repeats.
_OF_FILES = ("msgtype", "filename", "info", "url", "file")


class Sender:
    """``cipher``: None where encrypted rooms cannot be written to."""

    def __init__(self, api: MatrixApi, rooms: Rooms, key: bytes) -> None:
        self._api = api
        self._rooms = rooms
        self._key = key
        self.cipher: Cipher | None = None

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        """See ``Channel.send``."""
        with self._api.channel_errors():
            # A file that was handed over in vain hurts nobody.
            room = await self._room(part)
            content = await self._content(room, part)
            kind, sealed = await self._sealed(room, content)
        txn = ids.txn_id(self._key, part.nonce)
        await transmitting()
        with self._api.channel_errors(sending=True):
            path = room_path(room, "send", kind, txn)
            told = await self._api.call("PUT", path, json=sealed)
            moved = room if room != part.chat_key else None
            return Sent(str(told["event_id"]), chat_key=moved)

    async def _room(self, part: Outgoing) -> str:
        """The room; a chat that has none yet is known by the client's own id."""
        key = part.chat_key or part.to[0].value
        return key if key.startswith("!") else await self._rooms.direct(key)

    async def _content(self, room: str, part: Outgoing) -> dict[str, Any]:
        if part.files:
            (file,) = part.files
            content = media.message(file, await self._place(room, file), part.text)
        else:
            # What programs write is no reason for other programs to answer.
            kind = "m.notice" if part.automatic else "m.text"
            content = {"msgtype": kind, **spelled(part.text)}
        # Of another room's message the client would see that it is there (R15).
        if part.quote_source_id and await self._rooms.event(room, part.quote_source_id):
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": part.quote_source_id}}
        return content

    async def _place(self, room: str, file: File) -> dict[str, Any]:
        if self.cipher is None or not await self._rooms.is_encrypted(room):
            return {"url": await media.upload(self._api, file, file.content)}
        hidden, opens = self.cipher.hide(file.content)
        return {"file": {**opens, "url": await media.upload(self._api, file, hidden)}}

    async def _sealed(self, room: str, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The event as it goes: in an encrypted room nothing goes in clear text."""
        if not await self._rooms.is_encrypted(room):
            return _MESSAGE, content
        if self.cipher is None:
            raise PermanentFailure(Reason("encrypted_room", {"extra": EXTRA}))
        users = await self._rooms.readers(room)
        return "m.room.encrypted", await self.cipher.encrypt(room, users, _MESSAGE, content)

    async def amend(self, change: Amendment) -> None:
        """See ``Amending.amend``. The attempt's id is made of the change's own."""
        with self._api.channel_errors():
            try:
                if change.kind is AmendmentKind.EDIT:
                    await self._edit(change)
                else:
                    for name in (change.source_id, *change.also):
                        txn = ids.txn_id(self._key, f"delete {name}")
                        path = room_path(change.chat_key, "redact", name, txn)
                        await self._api.call("PUT", path, json={})
            except Refused as refused:
                if refused.status in (403, 404):
                    raise PermanentFailure(Reason("copy_gone")) from refused
                raise

    async def _edit(self, change: Amendment) -> None:
        new: dict[str, Any] = {"msgtype": "m.text", **spelled(change.text)}
        if change.captioned:
            before = await self._rooms.event(change.chat_key, change.source_id)
            if before and before.get("type") == "m.room.encrypted" and self.cipher is not None:
                before = self.cipher.decrypt(change.chat_key, before)
            given = mapping(mapping(before).get("content"))
            new |= {name: given[name] for name in _OF_FILES if name in given}
        content = {
            **new,
            "body": f"* {new['body']}",
            "m.new_content": new,
            "m.relates_to": {"rel_type": "m.replace", "event_id": change.source_id},
        }
        kind, sealed = await self._sealed(change.chat_key, content)
        txn = ids.txn_id(self._key, f"edit {change.source_id} {change.nonce}")
        path = room_path(change.chat_key, "send", kind, txn)
        await self._api.call("PUT", path, json=sealed)
