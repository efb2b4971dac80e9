"""A stateful Avito on loopback: one seller, a chat for each buyer and advertisement, a webhook.

Not Avito: shapes follow its public OpenAPI of the messenger. Fixture: ``avito_server``.
"""

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
from tests.servers.told import Told, telling

Json = dict[str, Any]

SELLER, BUYER = 141906442, 94235311
CHAT = "u2i-abc~1"
CLIENT_ID, CLIENT_SECRET = "loopback-client", "loopback-avito-secret"
ITEM = {
    "id": 1768287444,
    "images": {"count": 1, "main": {"140x105": "https://img.example/140x105/1.jpg"}},
    "price_string": "300 000 ₽",
    "status_id": 10,
    "title": "Mazda 3 2008",
    "url": "https://avito.ru/moskva/avtomobili/mazda_3_2008_1768287444",
    "user_id": SELLER,
}
Push = Callable[[str, bytes], Awaitable[object]]


@dataclass
class Avito(Loopback):
    """The server. Messages of a chat stand newest first, as the API gives them."""

    base: str = ""
    chats: dict[str, Json] = field(default_factory=dict)
    messages: dict[str, list[Json]] = field(default_factory=dict)
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    # What our side was said to have read.
    read: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    images: dict[str, bytes] = field(default_factory=dict)
    # The buyer's picture, "" for the one that Avito shows of everybody.
    avatar: str = ""
    webhooks: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    # What happens to the next messages: a status, or "cut" or "garbage" after it was taken.
    faults: deque[int | str] = field(default_factory=deque)
    # With what the next renewal of the token fails.
    token_faults: deque[int] = field(default_factory=deque)
    # Lists of messages stand in an object, as they do in answers, not bare as they are described.
    wrapped: bool = False
    # Who is told of a message at each webhook's address, if anybody.
    push: Push | None = None
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1 << 26, middlewares=[telling(self.told)])
        chat = "/messenger/v1/accounts/{user}/chats/{chat}"
        app.router.add_post("/token", self._token)
        app.router.add_post("/messenger/v3/webhook", self._subscribe)
        app.router.add_post("/messenger/v1/subscriptions", self._subscriptions)
        app.router.add_get("/messenger/v2/accounts/{user}/chats", self._chats)
        app.router.add_get("/messenger/v2/accounts/{user}/chats/{chat}", self._chat)
        app.router.add_get("/messenger/v3/accounts/{user}/chats/{chat}/messages/", self._messages)
        app.router.add_get("/messenger/v1/accounts/{user}/getVoiceFiles", self._voices)
        app.router.add_post("/messenger/v1/accounts/{user}/uploadImages", self._upload)
        app.router.add_post(f"{chat}/read", self._read)
        app.router.add_post(f"{chat}/messages", self._send)
        app.router.add_post(f"{chat}/messages/image", self._send)
        app.router.add_post(f"{chat}/messages/{{message}}", self._delete)
        app.router.add_get("/files/{name}", self._file)
        return app

    @property
    def sent(self) -> list[Json]:
        """What was sent by the API, oldest first."""
        return [one for one in reversed(self.messages.get(CHAT, [])) if one.get("by_api")]

    # -- buyers

    async def says(self, text: str, name: str = "Guldan", **more: Any) -> Json:
        """The buyer writes about the advertisement; ``more``: fields of the message."""
        self._open(name)
        return await self.add(BUYER, {"type": "text", "content": {"text": text}} | more)

    async def add(self, author: int, message: Json, chat: str = CHAT, **more: Any) -> Json:
        made = {
            "id": f"{next(self._ids):032x}",
            "author_id": author,
            "created": int(time.time()),
            "direction": "out" if author == SELLER else "in",
            "is_read": False,
            **message,
            **more,
        }
        self.messages[chat].insert(0, made)
        self._moved(chat, made)
        await self.tell(made, chat)
        return made

    async def takes_back(self, name: str) -> None:
        (message,) = [one for one in self.messages[CHAT] if one["id"] == name]
        message |= {"type": "deleted", "content": {}}
        await self.tell(message)

    async def tell(self, message: Json, chat: str = CHAT, **more: Any) -> Json:
        """As the webhook has it."""
        value = {name: message[name] for name in ("id", "author_id", "content", "created", "type")}
        value |= {"chat_id": chat, "chat_type": "u2i", "item_id": ITEM["id"], "user_id": SELLER}
        return await self.push_event({"type": "message", "value": value | more})

    async def push_event(self, payload: Json) -> Json:
        event = {
            "id": f"hook-{next(self._ids)}",
            "payload": payload,
            "timestamp": int(time.time()),
            "version": "v3.0.0",
        }
        await self.repeat(event)
        return event

    async def repeat(self, event: Json) -> None:
        for url in self.webhooks if self.push is not None else ():
            assert self.push is not None
            await self.push(url, json.dumps(event).encode())

    def keep(self, content: bytes, name: str) -> str:
        """A file; its address."""
        self.files[name] = content
        return f"{self.base}/files/{name}"

    def _open(self, name: str) -> None:
        everybodys = "https://www.avito.st/stub_avatars/_/14_256x256.png"
        images = {"256x256": self.avatar or everybodys}
        profile = {"user_id": BUYER, "avatar": {"default": everybodys, "images": images}}
        buyer = {"id": BUYER, "name": name, "public_user_profile": profile}
        if CHAT in self.chats:
            self.chats[CHAT]["users"][0]["public_user_profile"] = profile
            return
        self.chats[CHAT] = {
            "id": CHAT,
            "context": {"type": "item", "value": ITEM},
            "created": int(time.time()),
            "updated": int(time.time()),
            "users": [buyer, {"id": SELLER, "name": "Автосалон"}],
        }
        self.messages[CHAT] = []

    def _moved(self, chat: str, message: Json) -> None:
        last = {name: message[name] for name in ("id", "author_id", "content", "created", "type")}
        self.chats[chat] |= {
            "updated": message["created"],
            "last_message": {**last, "direction": message["direction"]},
        }

    # -- HTTP

    async def _asked(self, request: web.Request) -> web.Response | None:
        body = None
        if request.can_read_body and request.content_type == "application/json":
            body = await request.json()
        self.calls.append((request.method, request.path, body))
        if request.headers.get("Authorization") not in [f"Bearer {one}" for one in self.tokens]:
            return _error(401, "Unauthorized")
        return None

    async def _token(self, request: web.Request) -> web.Response:
        if self.token_faults:
            return _error(self.token_faults.popleft(), "as told")
        form = {name: str(value) for name, value in (await request.post()).items()}
        known = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        if form != known:
            told = {"error": "invalid_client", "error_description": f"not {form['client_secret']}"}
            return web.json_response(told)
        self.tokens.append(f"loopback-token-{next(self._ids)}")
        life = {"expires_in": 86400, "token_type": "Bearer"}
        return web.json_response({"access_token": self.tokens[-1], **life})

    async def _subscribe(self, request: web.Request) -> web.Response:
        if refused := await self._asked(request):
            return refused
        url = (await request.json())["url"]
        if url not in self.webhooks:
            self.webhooks.append(url)
        return web.json_response({"ok": True})

    async def _subscriptions(self, request: web.Request) -> web.Response:
        known = [{"url": url, "version": "3"} for url in self.webhooks]
        return await self._asked(request) or web.json_response({"subscriptions": known})

    async def _read(self, request: web.Request) -> web.Response:
        if refused := await self._asked(request):
            return refused
        self.read.append(request.match_info["chat"])
        return web.json_response({"ok": True})

    async def _chats(self, request: web.Request) -> web.Response:
        newest = sorted(self.chats.values(), key=lambda one: one["updated"], reverse=True)
        return await self._asked(request) or web.json_response({"chats": _page(request, newest)})

    async def _chat(self, request: web.Request) -> web.Response:
        if refused := await self._asked(request):
            return refused
        found = self.chats.get(request.match_info["chat"])
        return web.json_response(found) if found else _error(404, "Not found")

    async def _messages(self, request: web.Request) -> web.Response:
        if refused := await self._asked(request):
            return refused
        found = self.messages.get(request.match_info["chat"])
        if found is None:
            return _error(404, "Not found")
        shown = [{k: v for k, v in one.items() if k != "by_api"} for one in _page(request, found)]
        return web.json_response({"messages": shown} if self.wrapped else shown)

    async def _voices(self, request: web.Request) -> web.Response:
        name = request.query["voice_ids"]
        known = {name: f"{self.base}/files/{name}"} if name in self.files else {}
        return await self._asked(request) or web.json_response({"voices_urls": known})

    async def _upload(self, request: web.Request) -> web.Response:
        file = (await request.post())["uploadfile[]"]
        assert isinstance(file, web.FileField)
        content = file.file.read()
        if refused := await self._asked(request):
            return refused
        name = f"12345.{len(self.images)}"
        self.images[name] = content
        return web.json_response({name: {"140x105": "https://img.example/1.png"}})

    async def _send(self, request: web.Request) -> web.StreamResponse:
        if refused := await self._asked(request):
            return refused
        body, chat = await request.json(), request.match_info["chat"]
        fault = self.faults.popleft() if self.faults else None
        if isinstance(fault, int):
            return _error(fault, "as told")
        text = body.get("message", {}).get("text")
        if chat not in self.chats:
            return _error(404, "Not found")
        if not (body.get("image_id") in self.images or (text and len(text) <= 1000)):
            return _error(400, "Bad Request")
        message: Json = {"type": "text", "content": {"text": text}}
        if text is None:
            sizes = {"1280x960": f"https://img.example/{body['image_id']}.png"}
            message = {"type": "image", "content": {"image": {"sizes": sizes}}}
        made = await self.add(SELLER, message, chat, by_api=body)
        if fault == "cut" and request.transport is not None:
            request.transport.abort()
        if fault == "garbage":
            return web.Response(text='{"id": "', content_type="application/json")
        shown = ("id", "created", "direction", "type", "content", "author_id")
        return web.json_response({name: made[name] for name in shown})

    async def _delete(self, request: web.Request) -> web.Response:
        if refused := await self._asked(request):
            return refused
        name = request.match_info["message"]
        found = [one for one in self.messages[request.match_info["chat"]] if one["id"] == name]
        if not found or found[0]["created"] < time.time() - 3600:
            return _error(400, "Bad Request")
        found[0] |= {"type": "deleted", "content": {}}
        return web.json_response({})

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["name"])
        return web.Response(body=content) if content is not None else web.Response(status=404)


def _page(request: web.Request, found: list[Json]) -> list[Json]:
    begin = int(request.query.get("offset", 0))
    return found[begin : begin + int(request.query.get("limit", 100))]


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"code": status, "message": message}}, status=status)


@pytest_asyncio.fixture
async def avito_server() -> AsyncIterator[Avito]:
    async with Avito() as server:
        yield server
