"""A stateful VK on loopback: one community, its Long Poll, its clients.

Not VK: shapes follow the public API schema 5.199, semantics its pages. Fixture: ``vk_server``.
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

import pytest_asyncio
from aiohttp import web

from tests.servers.loopback import Loopback
from tests.servers.told import Told, telling
from tests.servers.vk.shapes import EVENTS, conversation, doc, person, photo

Json = dict[str, Any]

GROUP = 345
TOKEN = "vk1.a.loopback_token"
MARIA = 42


@dataclass
class Vk(Loopback):
    """The server. ``sent``: messages in the community's name, oldest first."""

    base: str = ""
    users: dict[int, Json] = field(default_factory=dict)
    messages: dict[int, list[Json]] = field(default_factory=lambda: defaultdict(list))
    events: list[Json] = field(default_factory=list)
    # Events before this one are forgotten.
    first: int = 0
    calls: list[tuple[str, Json]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    # What our side was said to have read.
    read: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    # What clients' pages say of their pictures.
    looks: Json = field(default_factory=lambda: {"has_photo": 0})
    uploaded: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    # What is uploaded and saved, by what a message attaches it.
    saved: dict[str, Json] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    key: str = "key-1"
    # Per method: an error's code, "cut" or "garbage" (both after it was carried out), or a status.
    faults: dict[str, deque[int | str]] = field(default_factory=lambda: defaultdict(deque))
    settings: Json = field(default_factory=dict)
    _random: dict[tuple[int, int], int] = field(default_factory=dict)
    _ids: Any = field(default_factory=lambda: itertools.count(1001))
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1 << 28, middlewares=[telling(self.told)])
        app.router.add_post("/method/{name}", self._method)
        app.router.add_get("/poll", self._poll)
        app.router.add_post("/upload/{kind}", self._upload)
        app.router.add_get("/files/{name}", self._file)
        self.settings = dict.fromkeys(EVENTS, 1)
        return app

    # -- clients

    def says(self, text: str, who: int = MARIA, name: str = "Мария Иванова", **more: Any) -> Json:
        """A client writes; returns the message."""
        first, _blank, last = name.partition(" ")
        self.users[who] = person(who, first, last) | self.looks
        message = self._message(who, who, text, out=0, **more)
        self.push("message_new", {"message": message, "client_info": {"keyboard": True}})
        return message

    def edits(self, message: Json, text: str) -> None:
        changed = {**message, "text": text, "update_time": int(time.time())}
        self.push("message_edit", changed)

    def colleague_says(self, text: str, peer: int = MARIA) -> Json:
        """Somebody answers in VK's own inbox."""
        message = self._message(peer, -GROUP, text, out=1, admin_author_id=900, random_id=7)
        self.push("message_reply", message)
        return message

    def keep(self, content: bytes, name: str) -> str:
        """A file of a client's; its address."""
        self.files[name] = content
        return f"{self.base}/files/{name}"

    def push(self, kind: str, told: Json, event_id: str | None = None) -> Json:
        event = {
            "group_id": GROUP,
            "type": kind,
            "event_id": event_id or f"{len(self.events):040x}",
            "v": "5.199",
            "object": told,
        }
        self.events.append(event)
        self._ring()
        return event

    def forget(self) -> None:
        """The queue is lost, with its key."""
        self.first = len(self.events)
        self.key = f"key-{self.first}-new"

    @property
    def sent(self) -> list[Json]:
        own = [m for some in self.messages.values() for m in some if m["out"]]
        return [m for m in sorted(own, key=lambda m: int(m["id"])) if not m.get("admin_author_id")]

    def _message(self, peer: int, sender: int, text: str, *, out: int, **more: Any) -> Json:
        message = {
            "id": next(self._ids),
            "date": int(time.time()),
            "peer_id": peer,
            "from_id": sender,
            "out": out,
            "text": text,
            "conversation_message_id": len(self.messages[peer]) + 1,
            "fwd_messages": [],
            "important": False,
            "random_id": 0,
            "attachments": [],
            "is_hidden": False,
            "version": 10000001,
            **more,
        }
        self.messages[peer].append(message)
        return message

    # -- HTTP

    async def _method(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.calls.append((name, form))
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _error(5, "User authorization failed: invalid access_token")
        fault = self.faults[name].popleft() if self.faults[name] else None
        if isinstance(fault, int) and fault >= 1000:
            return web.Response(status=fault - 1000, text="<html>")
        if isinstance(fault, int):
            return _error(fault, "as the test wants it")
        answer = getattr(self, "_do_" + name.replace(".", "_"))(form)
        if fault == "cut" and request.transport is not None:
            request.transport.abort()
        if fault == "garbage":
            return web.Response(text='{"respon', content_type="application/json")
        return answer if isinstance(answer, web.Response) else _ok(answer)

    async def _poll(self, request: web.Request) -> web.Response:
        query = request.query
        if query["key"] != self.key:
            lost = int(query["ts"]) < self.first
            return web.json_response({"failed": 3 if lost else 2})
        ts = int(query["ts"])
        if ts < self.first or ts > len(self.events):
            return web.json_response({"failed": 1, "ts": len(self.events)})
        if ts == len(self.events):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(float(query["wait"])), self._news:
                    await self._news.wait()
        return web.json_response({"ts": str(len(self.events)), "updates": self.events[ts:]})

    async def _upload(self, request: web.Request) -> web.Response:
        if fault := self.faults["upload"]:
            return web.Response(status=int(fault.popleft()), text="expired")
        (field,) = (await request.post()).values()
        assert isinstance(field, web.FileField)
        token = f"put{len(self.uploaded)}"
        self.uploaded[token] = (field.filename, field.file.read())
        if request.match_info["kind"] == "photo":
            return web.json_response({"server": 7, "photo": token, "hash": "h"})
        return web.json_response({"file": token})

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["name"])
        return web.Response(body=content) if content is not None else web.Response(status=404)

    # -- methods

    def _do_groups_getLongPollServer(self, form: Json) -> Any:  # noqa: N802
        return {"key": self.key, "server": f"{self.base}/poll", "ts": str(len(self.events))}

    def _do_groups_getLongPollSettings(self, form: Json) -> Any:  # noqa: N802
        return {"is_enabled": True, "events": self.settings, "api_version": "5.199"}

    def _do_users_get(self, form: Json) -> Any:
        ids = [int(one) for one in form["user_ids"].split(",")]
        return [self.users[one] for one in ids if one in self.users]

    def _do_messages_send(self, form: Json) -> Any:
        peer, random_id = int(form["peer_id"]), int(form["random_id"])
        if peer in self.blocked:
            return _error(901, "Can't send messages for users without permission")
        if len(form.get("message", "")) > 4096:
            return _error(914, "Message is too long")
        if (peer, random_id) in self._random:
            return self._random[peer, random_id]
        named = [one for one in form.get("attachment", "").split(",") if one]
        message = self._message(
            peer,
            -GROUP,
            form.get("message", ""),
            out=1,
            random_id=random_id,
            **({"attached": named} if named else {}),
        )
        if "reply_to" in form:
            (answered,) = [m for m in self.messages[peer] if m["id"] == int(form["reply_to"])]
            message["reply_message"] = answered
        self._random[peer, random_id] = message["id"]
        told = {name: value for name, value in message.items() if name != "attached"}
        self.push("message_reply", told)
        return message["id"]

    def _do_messages_edit(self, form: Json) -> Any:
        message = self._named(form)
        message["text"] = form["message"]
        # What is not named again goes.
        message["attached"] = [one for one in form.get("attachment", "").split(",") if one]
        return 1

    def _do_messages_getById(self, form: Json) -> Any:  # noqa: N802
        message = self._named({**form, "message_id": form["message_ids"]})
        told = {name: value for name, value in message.items() if name != "attached"}
        told["attachments"] = [self.saved[one] for one in message.get("attached", ())]
        return {"count": 1, "items": [told]}

    def _do_messages_delete(self, form: Json) -> Any:
        ident = int(form["message_ids"])
        (message,) = [m for m in self.messages[int(form["peer_id"])] if m["id"] == ident]
        self.messages[int(form["peer_id"])].remove(message)
        return [{"peer_id": int(form["peer_id"]), "message_id": ident, "response": 1}]

    def _named(self, form: Json) -> Json:
        ident = int(form["message_id"])
        (found,) = [m for m in self.messages[int(form["peer_id"])] if m["id"] == ident]
        return found

    def _do_messages_setActivity(self, form: Json) -> Any:  # noqa: N802
        return 1

    def _do_messages_markAsRead(self, form: Json) -> Any:  # noqa: N802
        self.read.append(f"{form['peer_id']}:{form['start_message_id']}")
        return 1

    def _do_messages_getConversations(self, form: Json) -> Any:  # noqa: N802
        last = sorted((some[-1] for some in self.messages.values()), key=lambda m: -int(m["id"]))
        at, count = int(form.get("offset", 0)), int(form["count"])
        items = [{"conversation": conversation(m), "last_message": m} for m in last]
        return {"count": len(items), "items": items[at : at + count]}

    def _do_messages_getHistory(self, form: Json) -> Any:  # noqa: N802
        some = list(reversed(self.messages[int(form["peer_id"])]))
        at, count = int(form.get("offset", 0)), int(form["count"])
        return {"count": len(some), "items": some[at : at + count]}

    def _do_photos_getMessagesUploadServer(self, form: Json) -> Any:  # noqa: N802
        url = f"{self.base}/upload/photo"
        return {"upload_url": url, "album_id": -64, "group_id": 0, "user_id": 0}

    def _do_photos_saveMessagesPhoto(self, form: Json) -> Any:  # noqa: N802
        ident = int(form["photo"].removeprefix("put"))
        made = photo(ident, -GROUP)
        self.saved[f"photo{-GROUP}_{ident}"] = {"type": "photo", "photo": made}
        return [made]

    def _do_docs_getMessagesUploadServer(self, form: Json) -> Any:  # noqa: N802
        return {"upload_url": f"{self.base}/upload/doc"}

    def _do_docs_save(self, form: Json) -> Any:
        ident = int(form["file"].removeprefix("put"))
        made = doc(ident, -GROUP, form["title"], len(self.uploaded[form["file"]][1]))
        self.saved[f"doc{-GROUP}_{ident}"] = {"type": "doc", "doc": made}
        return self.saved[f"doc{-GROUP}_{ident}"]

    def _ring(self) -> None:
        async def ring() -> None:
            async with self._news:
                self._news.notify_all()

        self._ringing = asyncio.ensure_future(ring())


def _ok(answer: Any) -> web.Response:
    return web.Response(text=json.dumps({"response": answer}), content_type="application/json")


def _error(code: int, told: str) -> web.Response:
    error = {"error_code": code, "error_msg": told, "request_params": []}
    return web.json_response({"error": error})


@pytest_asyncio.fixture
async def vk_server() -> AsyncIterator[Vk]:
    async with Vk() as server:
        yield server
