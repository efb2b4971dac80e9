"""A stateful homeserver on loopback, for what a real one cannot be made to do.

Not Synapse: shapes follow the Client-Server API 1.16. Fixture: ``matrix_server``.
"""

import asyncio
import contextlib
import itertools
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pytest_asyncio
from aiohttp import web

from tests.servers.loopback import Loopback
from tests.servers.matrix.person import Person

Json = dict[str, Any]
_MOST = 65_536
_UPLOAD = 2 << 20
_TIMELINE = 10


@dataclass
class Room:
    """``events`` carry the position in the stream as ``pos``."""

    events: list[Json] = field(default_factory=list)
    members: dict[str, Json] = field(default_factory=dict)
    state: dict[str, Json] = field(default_factory=dict)
    receipts: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass
class Homeserver(Loopback):
    """The server. ``faults``: for each kind of call what happens to the next ones: an errcode, a
    status, "cut" or "garbage" (both after it was carried out).
    """

    base: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    account_data: dict[str, Json] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: dict[str, deque[int | str]] = field(default_factory=lambda: defaultdict(deque))
    typing: list[Json] = field(default_factory=list)
    _sent: dict[tuple[str, str], str] = field(default_factory=dict)
    _stream: int = 0
    _ids: Any = field(default_factory=lambda: itertools.count(1))
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1 << 28)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    def person(self, name: str) -> Person:
        """A user with this local name, signed in."""
        user, token = f"@{name}:loopback", f"token_of_{name}"
        self.tokens[token] = user
        self.passwords[user] = "password"
        return Person(self.base, user, "password", token)

    def repeat(self) -> None:
        """What was told last is told once more."""
        last = max(
            (e for room in self.rooms.values() for e in room.events), key=lambda e: int(e["pos"])
        )
        room = self.rooms[last["room_id"]]
        room.events.append({**last, "pos": self._next()})

    # -- HTTP

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        parts = [unquote(one) for one in request.rel_url.raw_path.strip("/").split("/")]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        user = self.tokens.get(token)
        kind = next(one for one in reversed(parts[2:]) if one in _KINDS)
        self.calls.append(kind)
        fault = self.faults[kind].popleft() if self.faults[kind] else None
        if isinstance(fault, int):
            return web.Response(status=fault, text="<html>")
        if user is None and kind != "login":
            return _error(401, "M_UNKNOWN_TOKEN")
        if fault in _STATUS:
            return _error(_STATUS[fault], fault, retry_after_ms=1500)
        arguments = parts[parts.index(kind) + 1 :]
        if kind in ("upload", "download"):
            return await self._media(request, kind, arguments)
        body = json.loads(await request.text() or "null")
        method = getattr(self, f"_do_{kind.replace('.', '_')}")
        call = Call(user or "", token, request.method, parts, arguments, body, dict(request.query))
        answer = method(call)
        if asyncio.iscoroutine(answer):
            answer = await answer
        if fault == "cut" and request.transport is not None:
            request.transport.abort()
        if fault == "garbage":
            return web.Response(text='{"event_', content_type="application/json")
        return answer if isinstance(answer, web.Response) else web.json_response(answer)

    async def _media(self, request: web.Request, kind: str, arguments: list[str]) -> web.Response:
        if kind == "download":
            content = self.files.get(arguments[-1])
            return web.Response(body=content) if content is not None else _error(404, "M_NOT_FOUND")
        content = await request.read()
        if len(content) > _UPLOAD:
            return _error(413, "M_TOO_LARGE")
        name = f"file{len(self.files)}"
        self.files[name] = content
        return web.json_response({"content_uri": f"mxc://loopback/{name}"})

    # -- the account

    def _do_login(self, call: "Call") -> Any:
        user = call.body["identifier"]["user"]
        if self.passwords.get(user) != call.body["password"]:
            return _error(403, "M_FORBIDDEN")
        device = call.body.get("device_id") or f"DEVICE{next(self._ids)}"
        token = f"token_of_{device}_{next(self._ids)}"
        self.tokens[token] = user
        return {"user_id": user, "device_id": device, "access_token": token}

    def _do_logout(self, call: "Call") -> Any:
        del self.tokens[call.token]
        return {}

    def _do_whoami(self, call: "Call") -> Any:
        return {"user_id": call.user, "device_id": f"D{call.token}", "is_guest": False}

    def _do_displayname(self, call: "Call") -> Any:
        self.names[call.user] = call.body["displayname"]
        for room in self.rooms.values():
            if room.members.get(call.user, {}).get("membership") == "join":
                self._member(room, call.user, call.user, "join")
        return {}

    def _do_account_data(self, call: "Call") -> Any:
        if call.method == "PUT":
            self.account_data[call.user] = call.body
            return {}
        return self.account_data.get(call.user) or _error(404, "M_NOT_FOUND")

    def _do_config(self, call: "Call") -> Any:
        return {"m.upload.size": _UPLOAD}

    # -- rooms

    def _do_createRoom(self, call: "Call") -> Any:  # noqa: N802
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

    def _do_join(self, call: "Call") -> Any:
        room = self._room(call)
        if room.members.get(call.user, {}).get("membership") != "join":
            self._member(room, call.user, call.user, "join")
        return {"room_id": call.room}

    def _do_leave(self, call: "Call") -> Any:
        self._member(self._room(call), call.user, call.user, "leave")
        return {}

    def _do_state(self, call: "Call") -> Any:
        room = self._room(call)
        if call.method == "PUT":
            room.state[call.arguments[0]] = call.body
            kind = call.arguments[0]
            return self._add(room, call.room, call.user, kind, call.body, state_key="")
        if call.arguments[0] == "m.room.member":
            return room.members.get(call.arguments[1]) or _error(404, "M_NOT_FOUND")
        return room.state.get(call.arguments[0]) or _error(404, "M_NOT_FOUND")

    def _do_joined_members(self, call: "Call") -> Any:
        members = self._room(call).members.items()
        return {
            "joined": {
                user: {"display_name": one.get("displayname")}
                for user, one in members
                if one["membership"] == "join"
            }
        }

    def _do_send(self, call: "Call") -> Any:
        kind, txn = call.arguments
        if len(json.dumps(call.body, ensure_ascii=False).encode()) > _MOST:
            return _error(413, "M_TOO_LARGE")
        if (call.token, txn) not in self._sent:
            event = self._add(self._room(call), call.room, call.user, kind, call.body)
            event["txn"] = (call.token, txn)
            self._sent[call.token, txn] = event["event_id"]
        return {"event_id": self._sent[call.token, txn]}

    def _do_redact(self, call: "Call") -> Any:
        room, (name, _txn) = self._room(call), call.arguments
        for event in room.events:
            if event["event_id"] == name:
                event["content"] = {}
        content = {"redacts": name}
        event = self._add(room, call.room, call.user, "m.room.redaction", content)
        return {"event_id": event["event_id"]}

    def _do_event(self, call: "Call") -> Any:
        found = [e for e in self._room(call).events if e["event_id"] == call.arguments[0]]
        return _told(found[0], call) if found else _error(404, "M_NOT_FOUND")

    def _do_relations(self, call: "Call") -> Any:
        events = [
            _told(one, call)
            for one in reversed(self._room(call).events)
            if one["content"].get("m.relates_to", {}).get("event_id") == call.arguments[0]
        ]
        return {"chunk": [one for one in events if one["type"] == "m.reaction"]}

    def _do_receipt(self, call: "Call") -> Any:
        self._room(call).receipts.append((self._next(), call.arguments[1], call.user))
        return {}

    def _do_typing(self, call: "Call") -> Any:
        self.typing.append(call.body)
        return {}

    def _do_messages(self, call: "Call") -> Any:
        """Backwards only; a position says that everything before it is to come."""
        begin = int(call.query.get("from", self._stream + 1))
        end = int(call.query.get("to", 0))
        events = [e for e in self._room(call).events if end < int(e["pos"]) < begin]
        page = events[-min(int(call.query.get("limit", 10)), 500) :]
        left = {"end": str(page[0]["pos"])} if page and len(page) < len(events) else {}
        return {"start": str(begin), "chunk": [_told(e, call) for e in reversed(page)], **left}

    async def _do_sync(self, call: "Call") -> Any:
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

    def _news_for(self, call: "Call", since: int) -> Json:
        joined: Json = {}
        invited: Json = {}
        left: Json = {}
        for name, room in self.rooms.items():
            me = room.members.get(call.user, {})
            new = [e for e in room.events if int(e["pos"]) > since]
            came = any(e["type"] == "m.room.member" and e["state_key"] == call.user for e in new)
            if me.get("membership") == "invite" and came:
                events = [e for e in room.events if e["type"] in _STRIPPED]
                invited[name] = {"invite_state": {"events": [_stripped(e) for e in events]}}
            elif me.get("membership") == "leave" and came and since >= 0:
                left[name] = {"timeline": _timeline(new, call)}
            elif me.get("membership") == "join":
                receipts = [one for one in room.receipts if one[0] > since]
                if new or receipts:
                    told = room.events if came else new
                    joined[name] = {
                        "timeline": _timeline(told, call),
                        "state": {"events": []},
                        "ephemeral": {"events": [_read(receipts)] if receipts else []},
                    }
        rooms = {"join": joined, "invite": invited, "leave": left}
        return {"next_batch": str(self._stream), "rooms": rooms}

    # -- words

    def _room(self, call: "Call") -> Room:
        return self.rooms[call.room]

    def _next(self) -> int:
        self._stream += 1
        return self._stream

    def _member(self, room: Room, sender: str, user: str, membership: str, **more: Any) -> None:
        name = next(key for key, one in self.rooms.items() if one is room)
        called = self.names.get(user)
        content = {"membership": membership, **more, **({"displayname": called} if called else {})}
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


@dataclass(frozen=True)
class Call:
    """One request; ``arguments`` are what follows the kind of call in its path."""

    user: str
    token: str
    method: str
    parts: list[str]
    arguments: list[str]
    body: Any
    query: dict[str, str]

    @property
    def room(self) -> str:
        return self.parts[self.parts.index("rooms") + 1]


_KINDS = {name.removeprefix("_do_") for name in vars(Homeserver) if name.startswith("_do_")} | {
    "upload",
    "download",
}
_STRIPPED = ("m.room.member", "m.room.join_rules")
_STATUS = {"M_LIMIT_EXCEEDED": 429, "M_FORBIDDEN": 403, "M_UNKNOWN_TOKEN": 401, "M_TOO_LARGE": 413}


def _told(event: Json, call: Call) -> Json:
    """An event as a client gets it: only the sender's device is told how it named the attempt."""
    told = {name: value for name, value in event.items() if name not in ("pos", "txn")}
    told["unsigned"] = dict(event.get("unsigned", {}))
    if event.get("txn", ("", ""))[0] == call.token:
        told["unsigned"]["transaction_id"] = event["txn"][1]
    return told


def _stripped(event: Json) -> Json:
    return {name: event[name] for name in ("type", "sender", "state_key", "content")}


def _timeline(events: list[Json], call: Call) -> Json:
    last = events[-_TIMELINE:]
    limited = len(last) < len(events)
    before = str(last[0]["pos"]) if last else ""
    return {
        "events": [_told(one, call) for one in last],
        "limited": limited,
        "prev_batch": before,
    }


def _read(receipts: list[tuple[int, str, str]]) -> Json:
    content: Json = {}
    for _pos, event_id, user in receipts:
        marks = content.setdefault(event_id, {}).setdefault("m.read", {})
        marks[user] = {"ts": int(time.time() * 1000)}
    return {"type": "m.receipt", "content": content}


def _error(status: int, code: object, **more: Any) -> web.Response:
    body = {"errcode": code, "error": "as the test wants it", **more}
    return web.json_response(body, status=status)


@pytest_asyncio.fixture
async def matrix_server() -> AsyncIterator[Homeserver]:
    async with Homeserver() as server:
        yield server
