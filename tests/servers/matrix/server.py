"""A stateful homeserver on loopback, for what a real one cannot be made to do.

Not Synapse: shapes follow the Client-Server API 1.16. Fixture: ``matrix_server``.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio

from tests.servers.matrix.accounts import Accounts
from tests.servers.matrix.shapes import Call, Room, error, read, stripped, timeline, told

Json = dict[str, Any]
_MOST = 65_536


@dataclass
class Homeserver(Accounts):
    """The rooms of a server."""

    rooms: dict[str, Room] = field(default_factory=dict)
    typing: list[Json] = field(default_factory=list)
    _sent: dict[tuple[str, str], str] = field(default_factory=dict)
    _stream: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def repeat(self) -> None:
        """What was told last is told once more."""
        last = max(
            (e for room in self.rooms.values() for e in room.events), key=lambda e: int(e["pos"])
        )
        room = self.rooms[last["room_id"]]
        room.events.append({**last, "pos": self._next()})

    # -- rooms

    def _do_displayname(self, call: Call) -> Any:
        self.names[call.user] = call.body["displayname"]
        return self._told_in_rooms(call)

    def _do_avatar_url(self, call: Call) -> Any:
        if call.method == "PUT":
            self.avatars[call.user] = call.body["avatar_url"]
            return self._told_in_rooms(call)
        url = self.avatars.get(call.parts[-2])
        return {"avatar_url": url} if url else error(404, "M_NOT_FOUND")

    def _told_in_rooms(self, call: Call) -> Any:
        for room in self.rooms.values():
            if room.members.get(call.user, {}).get("membership") == "join":
                self._member(room, call.user, call.user, "join")
        return {}

    def _do_createRoom(self, call: Call) -> Any:  # noqa: N802
        name = f"!room{next(self._ids)}:loopback"
        room = self.rooms[name] = Room()
        created = call.body.get("creation_content", {})
        room.state["m.room.create"] = created
        self._add(room, name, call.user, "m.room.create", created, state_key="")
        self._member(room, call.user, call.user, "join")
        for one in call.body.get("initial_state", ()):
            room.state[one["type"]] = one["content"]
            self._add(room, name, call.user, one["type"], one["content"], state_key="")
        for user in call.body.get("invite", ()):
            self._member(room, call.user, user, "invite", is_direct=True)
        return {"room_id": name}

    def _do_join(self, call: Call) -> Any:
        room = self._room(call)
        if room.members.get(call.user, {}).get("membership") != "join":
            self._member(room, call.user, call.user, "join")
        return {"room_id": call.room}

    def _do_leave(self, call: Call) -> Any:
        self._member(self._room(call), call.user, call.user, "leave")
        return {}

    def _do_state(self, call: Call) -> Any:
        room = self._room(call)
        if call.method == "PUT":
            room.state[call.arguments[0]] = call.body
            kind = call.arguments[0]
            return self._add(room, call.room, call.user, kind, call.body, state_key="")
        if call.arguments[0] == "m.room.member":
            return room.members.get(call.arguments[1]) or error(404, "M_NOT_FOUND")
        return room.state.get(call.arguments[0]) or error(404, "M_NOT_FOUND")

    def _do_joined_members(self, call: Call) -> Any:
        members = self._room(call).members.items()
        return {
            "joined": {
                user: {"display_name": one.get("displayname")}
                for user, one in members
                if one["membership"] == "join"
            }
        }

    def _do_members(self, call: Call) -> Any:
        members = self._room(call).members.items()
        return {"chunk": [{"state_key": user, "content": one} for user, one in members]}

    def _do_send(self, call: Call) -> Any:
        kind, txn = call.arguments
        if len(json.dumps(call.body, ensure_ascii=False).encode()) > _MOST:
            return error(413, "M_TOO_LARGE")
        if (call.token, txn) not in self._sent:
            event = self._add(self._room(call), call.room, call.user, kind, call.body)
            event["txn"] = (call.token, txn)
            self._sent[call.token, txn] = event["event_id"]
        return {"event_id": self._sent[call.token, txn]}

    def _do_redact(self, call: Call) -> Any:
        room, (name, _txn) = self._room(call), call.arguments
        for event in room.events:
            if event["event_id"] == name:
                event["content"] = {}
        content = {"redacts": name}
        event = self._add(room, call.room, call.user, "m.room.redaction", content)
        return {"event_id": event["event_id"]}

    def _do_event(self, call: Call) -> Any:
        found = [e for e in self._room(call).events if e["event_id"] == call.arguments[0]]
        return told(found[0], call) if found else error(404, "M_NOT_FOUND")

    def _do_relations(self, call: Call) -> Any:
        events = [
            told(one, call)
            for one in reversed(self._room(call).events)
            if one["content"].get("m.relates_to", {}).get("event_id") == call.arguments[0]
        ]
        return {"chunk": [one for one in events if one["type"] == "m.reaction"]}

    def _do_receipt(self, call: Call) -> Any:
        self._room(call).receipts.append((self._next(), call.arguments[1], call.user))
        return {}

    def _do_typing(self, call: Call) -> Any:
        self.typing.append(call.body)
        return {}

    def _do_messages(self, call: Call) -> Any:
        """Backwards only; a position says that everything before it is to come."""
        begin = int(call.query.get("from", self._stream + 1))
        end = int(call.query.get("to", 0))
        events = [e for e in self._room(call).events if end < int(e["pos"]) < begin]
        page = events[-min(int(call.query.get("limit", 10)), 500) :]
        left = {"end": str(page[0]["pos"])} if page and len(page) < len(events) else {}
        return {"start": str(begin), "chunk": [told(e, call) for e in reversed(page)], **left}

    async def _do_sync(self, call: Call) -> Any:
        since = int(call.query["since"]) if "since" in call.query else -1
        wait = int(call.query.get("timeout", 0)) / 1000
        while True:
            answer = self._news_for(call, since)
            if answer["rooms"]["join"] or answer["rooms"]["invite"] or not wait or since < 0:
                return answer
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait), self._news:
                    await self._news.wait()
            wait = 0

    def _news_for(self, call: Call, since: int) -> Json:
        joined: Json = {}
        invited: Json = {}
        left: Json = {}
        for name, room in self.rooms.items():
            me = room.members.get(call.user, {})
            new = [e for e in room.events if int(e["pos"]) > since]
            came = any(e["type"] == "m.room.member" and e["state_key"] == call.user for e in new)
            if me.get("membership") == "invite" and came:
                events = [e for e in room.events if e["type"] in _STRIPPED]
                invited[name] = {"invite_state": {"events": [stripped(e) for e in events]}}
            elif me.get("membership") == "leave" and came and since >= 0:
                left[name] = {"timeline": timeline(new, call)}
            elif me.get("membership") == "join":
                receipts = [one for one in room.receipts if one[0] > since]
                if new or receipts:
                    joined[name] = {
                        "timeline": timeline(room.events if came else new, call),
                        "state": {"events": []},
                        "ephemeral": {"events": [read(receipts)] if receipts else []},
                    }
        rooms = {"join": joined, "invite": invited, "leave": left}
        return {"next_batch": str(self._stream), "rooms": rooms}

    # -- words

    def _room(self, call: Call) -> Room:
        return self.rooms[call.room]

    def _next(self) -> int:
        self._stream += 1
        return self._stream

    def _member(self, room: Room, sender: str, user: str, membership: str, **more: Any) -> None:
        name = next(key for key, one in self.rooms.items() if one is room)
        called = self.names.get(user)
        content = {"membership": membership, **more, **({"displayname": called} if called else {})}
        if user in self.avatars:
            content["avatar_url"] = self.avatars[user]
        before = room.members.get(user)
        room.members[user] = content
        unsigned = {"prev_content": before} if before else {}
        self._add(room, name, sender, "m.room.member", content, state_key=user, unsigned=unsigned)

    def _add(
        self, room: Room, name: str, sender: str, kind: str, content: Json, **more: Any
    ) -> Json:
        event = {
            "event_id": f"$event{next(self._ids)}",
            "room_id": name,
            "sender": sender,
            "type": kind,
            "content": content,
            "origin_server_ts": int(time.time() * 1000),
            "pos": self._next(),
            **more,
        }
        room.events.append(event)

        async def ring() -> None:
            async with self._news:
                self._news.notify_all()

        self._ringing = asyncio.ensure_future(ring())
        return event


_STRIPPED = ("m.room.member", "m.room.join_rules")


@pytest_asyncio.fixture
async def matrix_server() -> AsyncIterator[Homeserver]:
    async with Homeserver() as server:
        yield server
