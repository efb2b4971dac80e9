"""What is asked about rooms: who is in them and how they are called, whether they are encrypted."""

from typing import Any
from urllib.parse import quote

from pfinbox.channels.http.api import Refused
from pfinbox.channels.matrix.api import MatrixApi, room_path
from pfinbox.channels.matrix.reading.content import Json, mapping

_MOST = 5000


class Rooms:
    """Remembers what it was told, by answers and by events."""

    def __init__(self, api: MatrixApi) -> None:
        self._api = api
        self._names: dict[tuple[str, str], str] = {}
        self._encrypted: dict[str, bool] = {}
        self._invited_by: dict[str, str] = {}
        # By user: the rooms that we have made, and what our clients have agreed on as such.
        self._made: dict[str, str] = {}
        self._directs: dict[str, Any] | None = None

    def note(self, room: str, event: Json) -> None:
        """What an event says about its room."""
        kind, given = event.get("type"), mapping(event.get("content"))
        if "state_key" not in event:
            # Everybody may say so; only the state is so.
            return
        if kind == "m.room.encryption":
            self._encrypted[room] = True
        elif kind == "m.room.member" and isinstance(event.get("state_key"), str):
            user = str(event["state_key"])
            self._keep_name(room, user, given)
            if user == self._api.user and given.get("membership") == "invite":
                self._invited_by[room] = str(event.get("sender"))
            if event.get("sender") == self._api.user and given.get("is_direct") is True:
                self._made[user] = room

    def _keep_name(self, room: str, user: str, member: Json) -> str:
        if len(self._names) > _MOST:
            self._names.clear()
        name = member.get("displayname", member.get("display_name"))
        self._names[room, user] = name if isinstance(name, str) else ""
        return self._names[room, user]

    def invited_by(self, room: str) -> str:
        """Who has invited us into a room; empty where nobody has."""
        return self._invited_by.get(room, "")

    async def name(self, room: str, user: str) -> str:
        """How a user is called in a room; empty where nothing is told."""
        known = self._names.get((room, user))
        if known is not None:
            return known
        told = await self._ask(room_path(room, "state", "m.room.member", user))
        return self._keep_name(room, user, told or {})

    async def others(self, room: str) -> list[str]:
        """Who is in the room besides us."""
        told = await self._ask(room_path(room, "joined_members"))
        joined = mapping((told or {}).get("joined"))
        for user, member in joined.items():
            self._keep_name(room, user, mapping(member))
        return sorted(user for user in joined if user != self._api.user)

    async def readers(self, room: str) -> list[str]:
        """Who is in the room or invited to it, ourselves included; a refusal is told, as a key that
        is shared with nobody is of no use.
        """
        query = {"not_membership": "leave"}
        told = await self._api.call("GET", room_path(room, "members"), params=query)
        found = []
        for one in mapping(told).get("chunk") or ():
            if mapping(one.get("content")).get("membership") in ("join", "invite"):
                found.append(str(one["state_key"]))
        return found

    async def is_encrypted(self, room: str) -> bool:
        """Only a homeserver that says that the room has no encryption makes it a room without."""
        if room not in self._encrypted:
            told = await self._find(room_path(room, "state", "m.room.encryption"))
            self._encrypted[room] = told is not None
        return self._encrypted[room]

    async def levels(self, room: str) -> Json:
        """What who may do in the room; nothing where the homeserver does not say."""
        return await self._ask(room_path(room, "state", "m.room.power_levels", "")) or {}

    async def goes_on_in(self, room: str, new: str) -> bool:
        """Whether a room is what another one has become: that one's end alone may lie (R15)."""
        if not new.startswith("!"):
            return False
        try:
            await self._api.call("POST", room_path(new, "join"), json={})
        except Refused as refused:
            if not self._api.is_final(refused):
                raise
            return False
        created = await self._ask(room_path(new, "state", "m.room.create", ""))
        return mapping(mapping(created).get("predecessor")).get("room_id") == room

    async def event(self, room: str, event_id: str) -> Json | None:
        """An event by its id; None where we may not see it."""
        if not event_id.startswith("$"):
            return None
        return await self._ask(room_path(room, "event", event_id))

    async def signs(self, room: str, event_id: str, user: str) -> tuple[str, ...]:
        """What a user has put at a message, oldest first."""
        if not event_id.startswith("$"):
            return ()
        path = room_path(room, "relations", event_id, "m.annotation", "m.reaction")
        told = await self._ask(f"/_matrix/client/v1{path}", limit="100")
        found = []
        for one in reversed(mapping(told).get("chunk") or ()):
            about = mapping(mapping(one.get("content")).get("m.relates_to"))
            if one.get("sender") == user and about.get("key"):
                found.append(str(about["key"])[:40])
        return tuple(dict.fromkeys(found))

    async def direct(self, user: str) -> str:
        """The room that we talk to a user in; where there is none it is made, and the user invited.

        A room that was made without our hearing of it comes with the next sync.
        """
        path = f"/user/{quote(self._api.user, safe='')}/account_data/m.direct"
        if self._directs is None:
            self._directs = dict(await self._find(path) or {})
        kept = self._directs.get(user)
        rooms = [str(room) for room in kept] if isinstance(kept, list) else []
        if rooms and await self._meets(rooms[-1], user):
            return rooms[-1]
        made = self._made.get(user)
        if made is None or not await self._meets(made, user):
            body = {"preset": "trusted_private_chat", "is_direct": True, "invite": [user]}
            told = await self._api.call("POST", "/createRoom", json=body)
            made = self._made[user] = str(told["room_id"])
        self._directs[user] = [*(room for room in rooms if room != made), made]
        await self._api.call("PUT", path, json=self._directs)
        return made

    async def _meets(self, room: str, user: str) -> bool:
        """Whether we are in the room, and the user is or may come."""
        for one, wanted in ((self._api.user, ("join",)), (user, ("join", "invite"))):
            told = await self._ask(room_path(room, "state", "m.room.member", one))
            if mapping(told).get("membership") not in wanted:
                return False
        return True

    async def _find(self, path: str) -> Json | None:
        """What stands there; None where the homeserver says that nothing does."""
        try:
            return mapping(await self._api.call("GET", path))
        except Refused as refused:
            if (refused.status, refused.code) != (404, "M_NOT_FOUND"):
                raise
            return None

    async def _ask(self, path: str, **query: str) -> dict[str, Any] | None:
        """What is answered; None where it is not there, or not ours to see."""
        try:
            told = await self._api.call("GET", path, params=query)
        except Refused as refused:
            # A stranger's event may name what is no name at all.
            if not self._api.is_final(refused):
                raise
            return None
        return told if isinstance(told, dict) else None
