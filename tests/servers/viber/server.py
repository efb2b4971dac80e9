"""A stateful Viber on loopback: one bot, its clients, and what is pushed to its webhook.

Not Viber: shapes follow https://developers.viber.com/docs/api/rest-bot-api and the request forms of
Viber's own clients for Python and Node.js. Fixture: ``viber_server``.
"""

import hashlib
import hmac
import itertools
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
from aiohttp import web

from tests.servers.loopback import Loopback

Json = dict[str, Any]

TOKEN = "445da6az1s345z78-dazcczb2542zv51a-loopback"
MARIA = "01234567890A="
_FIELDS = {
    "text": {"text"},
    "picture": {"text", "media"},
    "video": {"media", "size"},
    "file": {"media", "size", "file_name"},
}
_ENDINGS = {"picture": (".jpg", ".png"), "video": (".mp4",)}
Push = Callable[[bytes, str], Awaitable[object]]


@dataclass
class Viber(Loopback):
    """The server. ``sent``: the bot's messages, oldest first, with their ``message_token``."""

    base: str = ""
    sent: list[Json] = field(default_factory=list)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    webhook: Json = field(default_factory=dict)
    # What the web door would give, by the end of its address; and what clients send.
    files: dict[str, bytes] = field(default_factory=dict)
    subscribed: set[str] = field(default_factory=lambda: {MARIA})
    # The address of the client's picture, "" for none.
    avatar: str = ""
    # What happens to the next messages: a status of Viber's, or one of HTTP's as text, or "cut"
    # or "garbage" after it was taken.
    faults: deque[int | str] = field(default_factory=deque)
    # Who is told of each event, with its signature, if anybody.
    push: Push | None = None
    _tokens: Any = field(default_factory=lambda: itertools.count(4912661846655238145))

    def application(self) -> web.Application:
        app = web.Application(client_max_size=30 << 10)
        app.router.add_post("/pa/{method}", self._call)
        app.router.add_get("/files/{name}", self._file)
        return app

    @property
    def api_base(self) -> str:
        return f"{self.base}/pa"

    # -- clients

    async def says(self, text: str, name: str = "Мария Иванова", **message: Any) -> Json:
        """A client writes, which subscribes; ``message``: its fields besides the text."""
        self.subscribed.add(MARIA)
        told = {"type": "text", "text": text, "tracking_data": "", **message}
        return await self.tell("message", sender=self._user(name), message=told, silent=False)

    async def opens(self, context: str = "", *, subscribed: bool = False) -> Json:
        told: Json = {"type": "open", "user": self._user("Мария"), "subscribed": subscribed}
        return await self.tell("conversation_started", context=context, **told)

    async def unsubscribes(self) -> Json:
        self.subscribed.discard(MARIA)
        return await self.tell("unsubscribed", user_id=MARIA)

    async def reports(self, kind: str, **more: Any) -> Json:
        """What became of the last message."""
        token = self.sent[-1]["message_token"]
        return await self.tell(kind, message_token=token, user_id=MARIA, **more)

    async def tell(self, kind: str, **told: Any) -> Json:
        event = {
            "event": kind,
            "timestamp": int(time.time() * 1000),
            "message_token": next(self._tokens),
            **told,
        }
        await self.repeat(event)
        return event

    async def repeat(self, event: Json) -> None:
        if self.push is not None:
            body = json.dumps(event, ensure_ascii=False).encode()
            await self.push(body, hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest())

    def keep(self, content: bytes, name: str) -> str:
        """A file; its address."""
        self.files[name] = content
        return f"{self.base}/files/{name}"

    # -- HTTP

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method, body = request.match_info["method"], await request.json()
        self.calls.append((method, body))
        if request.headers.get("X-Viber-Auth-Token") != TOKEN:
            return _refused(2, "invalidAuthToken")
        if method == "send_message":
            return await self._send(request, body)
        known: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "set_webhook": self._set_webhook,
            "get_account_info": self._account,
            "get_user_details": self._details,
        }
        return web.json_response(await known[method](body))

    async def _set_webhook(self, body: Json) -> Json:
        self.webhook = body
        await self.tell("webhook")
        return _ok(event_types=body["event_types"])

    async def _account(self, _body: Json) -> Json:
        told = {"webhook": self.webhook["url"]} if self.webhook else {}
        return _ok(id="pa:75346594275468546724", name="Мебель", uri="mebel bot", **told)

    async def _details(self, body: Json) -> Json:
        assert body == {"id": MARIA}
        return _ok(message_token=next(self._tokens), user=self._user("Мария"))

    def _user(self, name: str) -> Json:
        told = {"avatar": self.avatar} if self.avatar else {}
        user = {"id": MARIA, "name": name, "country": "PL", "language": "pl", "api_version": 10}
        return {**user, **told}

    async def _send(self, request: web.Request, body: Json) -> web.StreamResponse:
        fault = self.faults.popleft() if self.faults else None
        if isinstance(fault, int):
            return _refused(fault, "as told")
        if isinstance(fault, str) and fault.isdecimal():
            return web.Response(status=int(fault))
        if body["receiver"] not in self.subscribed:
            return _refused(6, "notSubscribed")
        kind = body["type"]
        good = 0 < len(body["sender"]["name"]) <= 28 and body.keys() >= _FIELDS[kind]
        good &= len(body.get("text", "")) <= 7000 and len(body.get("media", "")) <= 2000
        if not good or not body.get("media", ".jpg").endswith(_ENDINGS.get(kind, "")):
            return _refused(3, "badData")
        token = next(self._tokens)
        self.sent.append({**body, "message_token": token})
        if fault == "cut" and request.transport is not None:
            request.transport.abort()
        if fault == "garbage":
            return web.Response(text='{"status": 0, "mess', content_type="application/json")
        return web.json_response(_ok(message_token=token, chat_hostname="SN-CHAT-1"))

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["name"])
        return web.Response(body=content) if content is not None else web.Response(status=404)


def _ok(**told: Any) -> Json:
    return {"status": 0, "status_message": "ok", **told}


def _refused(status: int, words: str) -> web.Response:
    return web.json_response({"status": status, "status_message": words})


@pytest_asyncio.fixture
async def viber_server() -> AsyncIterator[Viber]:
    async with Viber() as server:
        yield server
