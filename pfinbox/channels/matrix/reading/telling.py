"""What is to be known about an event before it can be read: asked from the homeserver once."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace

from pfinbox.channels.matrix.encryption.cipher import EXTRA, Cipher
from pfinbox.channels.matrix.reading.content import Json, mapping, relation
from pfinbox.channels.matrix.reading.event import (
    ABOUT_THE_ROOM,
    ENCRYPTED,
    Told,
    Us,
    is_gone,
    reacted_to,
    redacted,
)
from pfinbox.channels.matrix.rooms import Rooms
from pfinbox.domain.contract.reason import Reason

_AT = " at "
StoredKeys = Callable[[str], Awaitable[Collection[str]]]


class Teller:
    """``cipher``: None where encrypted messages cannot be read."""

    def __init__(self, rooms: Rooms, us: Us, stored_keys: StoredKeys | None) -> None:
        self._rooms = rooms
        self._us = us
        self._stored_keys = stored_keys
        self.cipher: Cipher | None = None

    def key(self, told: Told) -> str:
        """The receipt's. A reaction's names what it is at: once taken back, it no longer does."""
        event = told.event
        name = str(event.get("event_id"))
        if event.get("type") == "m.reaction" and relation(mapping(event.get("content"))):
            return f"{name}{_AT}{reacted_to(event)}"
        return name

    async def tell(self, room: str, event: Json) -> Told | None:
        """None for what only says what the room is like."""
        self._rooms.note(room, event)
        if event.get("type") in ABOUT_THE_ROOM and "state_key" in event:
            return None
        event, unread = self._clear(room, event)
        told = Told(room, event, {}, unread=unread)
        match event.get("type"):
            case "m.room.member" if "state_key" in event:
                if not await self._changes(room, event):
                    return None
                told = replace(told, client=await self._met(room, event))
            case "m.reaction":
                told = replace(told, signs=await self._signs(room, event, reacted_to(event)))
            case "m.room.redaction":
                at = await self._reacted(redacted(event))
                signs = await self._signs(room, event, at) if at else ()
                told = replace(told, at=at, signs=signs)
            case "m.room.tombstone" if "state_key" in event:
                new = str(mapping(event.get("content")).get("replacement_room"))
                told = replace(told, at=new if await self._rooms.goes_on_in(room, new) else "")
            case _:
                told = await self._spoken(told)
        return replace(told, people=await self._people(told))

    def _clear(self, room: str, event: Json) -> tuple[Json, Reason | None]:
        """The event in clear text, or why it cannot be had."""
        if event.get("type") != ENCRYPTED or is_gone(event):
            return event, None
        if self.cipher is None:
            return event, Reason("encryption_missing", {"extra": EXTRA})
        clear = self.cipher.decrypt(room, event)
        return (event, Reason("encrypted_no_key")) if clear is None else (clear, None)

    async def _spoken(self, told: Told) -> Told:
        """A message: whom we speak to, and who wrote what it edits."""
        event = told.event
        if self._us.sent(event):
            return told
        if event.get("sender") == self._us.user:
            others = await self._rooms.others(told.room)
            return replace(told, client=others[0] if others else "")
        about = relation(mapping(event.get("content")))
        if about.get("rel_type") == "m.replace":
            before = await self._rooms.event(told.room, str(about.get("event_id")))
            return replace(told, author=str(mapping(before).get("sender", "")))
        return told

    async def _changes(self, room: str, event: Json) -> bool:
        """Somebody came or went; an invitation, another name or picture is no news."""
        before = mapping(mapping(event.get("unsigned")).get("prev_content")).get("membership")
        now = mapping(event.get("content")).get("membership")
        if now == before or now not in ("join", "leave", "ban"):
            return False
        if self.cipher is not None:
            self.cipher.forget(room)
        return True

    async def _met(self, room: str, event: Json) -> str:
        """Who invited us; or, when another one leaves, who is still there."""
        if event.get("state_key") == self._us.user:
            return self._rooms.invited_by(room)
        if mapping(event.get("content")).get("membership") in ("leave", "ban"):
            others = await self._rooms.others(room)
            return others[0] if others else ""
        return ""

    async def _signs(self, room: str, event: Json, at: str) -> tuple[str, ...]:
        return await self._rooms.signs(room, at, str(event.get("sender")))

    async def _reacted(self, name: str) -> str:
        """What a reaction was at, empty where it was none."""
        if self._stored_keys is None:
            return ""
        for key in await self._stored_keys(f"{name}{_AT}"):
            return key.partition(_AT)[2]
        return ""

    async def _people(self, told: Told) -> dict[str, str]:
        users = {str(told.event.get("sender", "")), told.client} - {"", self._us.user}
        return {user: await self._rooms.name(told.room, user) for user in sorted(users)}

    async def opened(self, unread: Sequence[tuple[str, str]]) -> list[Told]:
        """Messages whose keys have come since, as edits of the sign that stands for them."""
        found: list[Told] = []
        for room, event_id in unread if self.cipher is not None else ():
            event = await self._rooms.event(room, event_id)
            clear = self.cipher.decrypt(room, event) if event and self.cipher else None
            if clear is not None:
                found.append(await self._spoken(Told(room, clear, {}, late=True)))
        return found
