"""A stateful MAX Bot API on loopback: one bot, one dialogue for each client, pushing or polled.

Not MAX: shapes follow its OpenAPI and the examples of its own client, which leave out much of what
the description requires. Fixture: ``max_server``.
"""

import asyncio
import contextlib
import itertools
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
from aiohttp import web

from tests.servers.loopback import Loopback
from tests.servers.told import Told, telling

Json = dict[str, Any]

TOKEN = "loopback-max-token"
MARIA, DIALOGUE = 123456789, 182182182
BOT = {
    "user_id": 229229229,
    "first_name": "unit bot",
    "username": "test-bot",
    "is_bot": True,
    "name": "bot name",
}


@dataclass
class Max(Loopback):
    """The server. ``sent``: the bot's messages, oldest first."""

    base: str = ""
    updates: list[Json] = field(default_factory=list)
    sent: list[Json] = field(default_factory=list)
    calls: list[tuple[str, str, Json, Any]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    # What our side was said to have read.
    read: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    # The address of the client's picture, "" for none.
    avatar: str = ""
    uploaded: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    subscriptions: list[Json] = field(default_factory=list)
    # What happens to the next messages: a status, or "cut" or "garbage" after it was taken.
    faults: deque[int | str] = field(default_factory=deque)
    # What the next file is refused with by the host of uploads.
    upload_faults: deque[int] = field(default_factory=deque)
    # So often a file is not ready yet.
    not_ready: int = 0
    # Who is told of each update, if anybody.
    push: Callable[[Json], Awaitable[None]] | None = None
    _ids: Any = field(default_factory=lambda: itertools.count(1))
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _by_mid: dict[str, Json] = field(default_factory=lambda: defaultdict(dict))

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1 << 28, middlewares=[telling(self.told)])
        app.router.add_post("/put/{kind}", self._put)
        app.router.add_get("/files/{name}", self._file)
        app.router.add_route("*", "/{path:.*}", self._call)
        return app

    # -- clients

    async def says(self, text: str, name: str = "Мария Иванова", **more: Any) -> Json:
        """A client writes; returns the message. ``more``: fields of its body."""
        message = self._message(_user(name), text, **more)
        await self.tell("message_created", message=message)
        return message

    async def edits(self, message: Json, text: str) -> None:
        changed = {**message, "body": {**message["body"], "text": text}}
        await self.tell("message_edited", message=changed)

    async def deletes(self, mid: str) -> None:
        await self.tell("message_removed", message_id=mid, chat_id=DIALOGUE, user_id=MARIA)

    async def starts(self, payload: str | None = None) -> None:
        told = {"payload": payload} if payload is not None else {}
        user = _user("Мария Иванова")
        await self.tell("bot_started", chat_id=DIALOGUE, user=user, user_locale="ru", **told)

    async def stops(self) -> None:
        await self.tell("bot_stopped", chat_id=DIALOGUE, user=_user("Мария Иванова"))

    async def tell(self, kind: str, **told: Any) -> Json:
        update = {**told, "timestamp": _now(), "update_type": kind}
        self.updates.append(update)
        if self.push is not None:
            await self.push(update)
        async with self._news:
            self._news.notify_all()
        return update

    def keep(self, content: bytes, name: str) -> str:
        """A file of a client's; its address."""
        self.files[name] = content
        return f"{self.base}/files/{name}"

    def _message(self, sender: Json, text: str, **more: Any) -> Json:
        number = next(self._ids)
        mid = f"mid.{number:032x}"
        return {
            "recipient": {"chat_id": DIALOGUE, "chat_type": "dialog", "user_id": BOT["user_id"]},
            "timestamp": _now(),
            "body": {"mid": mid, "seq": 116327994376978687 + number, "text": text, **more},
            "sender": sender,
        }

    # -- HTTP

    async def _call(self, request: web.Request) -> web.StreamResponse:
        path, query = request.path, dict(request.query)
        body = await request.json() if request.can_read_body else None
        self.calls.append((request.method, path, query, body))
        if request.headers.get("Authorization") != TOKEN:
            error = {"code": "verify.token", "message": "Invalid access_token"}
            return web.json_response(error, status=401)
        known: dict[tuple[str, str], Callable[[Json, Any], Any]] = {
            ("GET", "/me"): lambda _q, _b: {**BOT, "last_activity_time": _now()},
            ("GET", "/subscriptions"): lambda _q, _b: {"subscriptions": self.subscriptions},
            ("POST", "/subscriptions"): self._subscribe,
            ("POST", "/uploads"): lambda q, _b: {"url": f"{self.base}/put/{q['type']}"},
            ("PUT", "/messages"): self._edit,
            ("DELETE", "/messages"): self._delete,
        }
        if (request.method, path) == ("GET", f"/chats/{DIALOGUE}"):
            return web.json_response(self._dialogue())
        if (request.method, path) == ("GET", "/updates"):
            return web.json_response(await self._updates(query))
        if (request.method, path) == ("POST", "/messages"):
            return await self._send(request, query, body)
        if path.startswith("/videos/"):
            return self._video(path.removeprefix("/videos/"))
        if path.endswith("/actions"):
            if body and body["action"] == "mark_seen":
                self.read.append(path)
            return web.json_response({"success": True})
        return web.json_response(known[request.method, path](query, body))

    async def _updates(self, query: Json) -> Json:
        marker = int(query.get("marker", max(0, len(self.updates) - 1)))
        if marker >= len(self.updates):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(float(query["timeout"])), self._news:
                    await self._news.wait()
        wanted = query["types"].split(",")
        some = self.updates[marker : marker + int(query["limit"])]
        known = [one for one in some if one["update_type"] in wanted]
        return {"updates": known, "marker": marker + len(some)}

    async def _send(self, request: web.Request, query: Json, body: Any) -> web.StreamResponse:
        fault = self.faults.popleft() if self.faults else None
        if isinstance(fault, int):
            return web.json_response({"code": "test", "message": "as told"}, status=fault)
        if body["attachments"] and self.not_ready:
            self.not_ready -= 1
            error = {"code": "attachment.not.ready", "message": ""}
            return web.json_response(error, status=400)
        if len(body["text"] or "") > 4000 or not (body["text"] or body["attachments"]):
            return web.json_response({"code": "proto.payload", "message": "bad"}, status=400)
        message = self._message({**BOT, "last_activity_time": _now()}, body["text"])
        message["recipient"] |= {"chat_id": int(query["chat_id"]), "user_id": MARIA}
        message["attached"] = body["attachments"] or []
        message["linked"] = body["link"]
        self.sent.append(message)
        if fault == "cut" and request.transport is not None:
            request.transport.abort()
        if fault == "garbage":
            return web.Response(text='{"messa', content_type="application/json")
        told = {name: message[name] for name in ("recipient", "timestamp", "body", "sender")}
        return web.json_response({"message": told})

    def _dialogue(self) -> Json:
        small = {"avatar_url": self.avatar, "full_avatar_url": f"{self.avatar}-large"}
        told = {
            "chat_id": DIALOGUE,
            "type": "dialog",
            "status": "active",
            "last_event_time": _now(),
            "participants_count": 2,
            "is_public": False,
            "title": None,
            "icon": None,
            "description": None,
        }
        user = _user("Мария Иванова") | (small if self.avatar else {})
        return {**told, "dialog_with_user": user}

    def _video(self, token: str) -> web.Response:
        if token not in self.files:
            error = {"code": "not.found", "message": "no such video"}
            return web.json_response(error, status=404)
        urls = {"mp4_720": f"{self.base}/files/{token}", "mp4_1080": None}
        told = {"token": token, "urls": urls, "width": 1280, "height": 720, "duration": 1}
        return web.json_response(told)

    def _subscribe(self, query: Json, body: Any) -> Json:
        others = [one for one in self.subscriptions if one["url"] != body["url"]]
        self.subscriptions = [*others, {**body, "time": _now()}]
        return {"success": True}

    def _edit(self, query: Json, body: Any) -> Json:
        found = [one for one in self.sent if one["body"]["mid"] == query["message_id"]]
        for one in found:
            one["body"]["text"] = body["text"]
        return {"success": bool(found), "message": "" if found else "not found"}

    def _delete(self, query: Json, body: Any) -> Json:
        left = [one for one in self.sent if one["body"]["mid"] != query["message_id"]]
        done = len(left) < len(self.sent)
        self.sent = left
        return {"success": done, "message": "" if done else "not found"}

    async def _put(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            return web.Response(status=400)
        if self.upload_faults:
            return web.Response(status=self.upload_faults.popleft(), text="expired")
        field = (await request.post())["data"]
        assert isinstance(field, web.FileField)
        token = f"put{len(self.uploaded)}"
        self.uploaded[token] = (field.filename, field.file.read())
        if request.match_info["kind"] == "image":
            return web.json_response({"photos": {"key": {"token": token}}})
        return web.json_response({"token": token})

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["name"])
        return web.Response(body=content) if content is not None else web.Response(status=404)


def _user(name: str) -> Json:
    first, _blank, last = name.partition(" ")
    user = {"user_id": MARIA, "first_name": first, "is_bot": False, "last_activity_time": _now()}
    return {**user, "last_name": last, "name": name}


def _now() -> int:
    return int(time.time() * 1000)


@pytest_asyncio.fixture
async def max_server() -> AsyncIterator[Max]:
    async with Max() as server:
        yield server
