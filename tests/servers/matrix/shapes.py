"""Rooms and events as a loopback homeserver keeps and tells them."""

import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]
TIMELINE = 10


@dataclass
class Room:
    """``events`` carry the position in the stream as ``pos``."""

    events: list[Json] = field(default_factory=list)
    members: dict[str, Json] = field(default_factory=dict)
    state: dict[str, Json] = field(default_factory=dict)
    receipts: list[tuple[int, str, str]] = field(default_factory=list)


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


def told(event: Json, call: Call) -> Json:
    """An event as a client gets it: only the sender's device is told how it named the attempt."""
    told = {name: value for name, value in event.items() if name not in ("pos", "txn")}
    told["unsigned"] = dict(event.get("unsigned", {}))
    if event.get("txn", ("", ""))[0] == call.token:
        told["unsigned"]["transaction_id"] = event["txn"][1]
    return told


def stripped(event: Json) -> Json:
    return {name: event[name] for name in ("type", "sender", "state_key", "content")}


def timeline(events: list[Json], call: Call) -> Json:
    last = events[-TIMELINE:]
    limited = len(last) < len(events)
    before = str(last[0]["pos"]) if last else ""
    return {
        "events": [told(one, call) for one in last],
        "limited": limited,
        "prev_batch": before,
    }


def read(receipts: list[tuple[int, str, str]]) -> Json:
    content: Json = {}
    for _pos, event_id, user in receipts:
        marks = content.setdefault(event_id, {}).setdefault("m.read", {})
        marks[user] = {"ts": int(time.time() * 1000)}
    return {"type": "m.receipt", "content": content}


def error(status: int, code: object, **more: Any) -> web.Response:
    body = {"errcode": code, "error": "as the test wants it", **more}
    return web.json_response(body, status=status)
