"""A stateful Bot API server on loopback, for tests of the Telegram channel and of the daemon.

Not Telegram: shapes and semantics follow https://core.telegram.org/bots/api, texts of errors are
from memory. ``async with BotApi() as api`` or the fixture ``bot_api``; the client side is
:class:`Clients` (``api.clients``), faults are set by ``api.fault(...)``.
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Self

import pytest_asyncio
from aiohttp import web

from tests.servers.bot_api_clients import Clients
from tests.servers.bot_api_shapes import (
    BOT_ID,
    Json,
    bot_user,
    document,
    failed,
    get_me,
    message,
    photo_sizes,
)

TOKEN = "7000000001:AAE-test_token_of_the_loopback_server_0"


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in: method, fields, and uploaded files (name, bytes) by field."""

    method: str
    fields: dict[str, str]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def json(self, name: str) -> Any:
        """A nested value: it travels as JSON text."""
        return json.loads(self.fields[name])


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong: an answer (``status``, ``body``) or, without one, a dropped connection.

    ``applied``: the request takes effect all the same; only its answer is lost.
    """

    status: int = 0
    body: Json | str = ""
    applied: bool = False


class BotApi:
    """The server. ``sent`` lists the messages that the bot has delivered, oldest first."""

    def __init__(self, token: str = TOKEN, username: str = "loopback_bot") -> None:
        self.token = token
        self.username = username
        self.calls: list[Call] = []
        self.sent: list[Json] = []
        self.queue: list[Json] = []
        self.files: dict[str, bytes] = {}
        self.blocked: set[int] = set()
        self.webhook = ""
        self.clock = time.time
        self.clients = Clients(self)
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._next_update = 500_000
        self._next_message: dict[int, int] = defaultdict(lambda: 1)
        self._news = asyncio.Condition()
        self._ringing: set[asyncio.Future[None]] = set()
        self._asked = 0
        self._runner: web.AppRunner | None = None
        self.base = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 28)
        app.router.add_route("*", "/file/bot{token}/{path:.*}", self._file)
        app.router.add_route("*", "/bot{token}/{method}", self._method)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    # -- for tests

    def fault(self, method: str, *faults: Fault) -> None:
        """The next requests to ``method`` (``file`` for downloads) fail, one fault each."""
        self._faults[method].extend(faults)

    def fail(self, method: str, code: int, description: str, **parameters: int) -> None:
        """The next request to ``method`` is refused with an answer of the Bot API."""
        self.fault(method, Fault(code, failed(code, description, parameters)))

    async def until(self, happened: Callable[[], bool], seconds: float = 10) -> None:
        """Wait until something is true of this server, looked at after every request."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(happened)

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def push(self, **update: Any) -> Json:
        """Queue one update, of whatever shape; returns it with its number."""
        shape = {"update_id": self._next_update, **update}
        self._next_update = shape["update_id"] + 1
        self.queue.append(shape)
        self._ring()
        return shape

    def restart_ids(self, first: int) -> None:
        """Update numbers go on from here, as they do at random after a quiet week."""
        self._next_update = first

    def message_id(self, chat: int) -> int:
        ident = self._next_message[chat]
        self._next_message[chat] += 1
        return ident

    def keep(self, content: bytes, ending: str = "bin") -> str:
        """Store a file; returns its file_id, which getFile turns into a path."""
        ident = f"file{len(self.files)}.{ending}"
        self.files[ident] = content
        return ident

    # -- HTTP

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if (fault := self._fault("file")) is not None:
            return self._broken(request, fault)
        content = self.files.get(request.match_info["path"].removeprefix("files/"))
        if request.match_info["token"] != self.token or content is None:
            return web.json_response(failed(404, "Not Found"), status=404)
        return web.Response(body=content)

    async def _method(self, request: web.Request) -> web.StreamResponse:
        call = await _read(request)
        self.calls.append(call)
        self._ring()
        if request.match_info["token"] != self.token:
            return web.json_response(failed(401, "Unauthorized"), status=401)
        fault = self._fault(call.method)
        if fault is not None and not fault.applied:
            return self._broken(request, fault)
        answer = await self._answer(call)
        if fault is not None:
            return self._broken(request, fault)
        # Telegram's JSON may hold lone surrogates: ASCII with escapes carries them
        return web.Response(
            text=json.dumps(answer),
            status=answer.get("error_code", 200),
            content_type="application/json",
        )

    def _fault(self, method: str) -> Fault | None:
        waiting = self._faults[method]
        return waiting.popleft() if waiting else None

    def _broken(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if not fault.status:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(fault.body, str):
            return web.Response(text=fault.body, status=fault.status, content_type="text/html")
        return web.json_response(fault.body, status=fault.status)

    async def _answer(self, call: Call) -> Json:
        handler = getattr(self, f"_do_{call.method.lower()}", None)
        if handler is None:
            return failed(404, "Not Found: method not found")
        answer: Json = await handler(call)
        return answer

    # -- methods

    async def _do_getme(self, call: Call) -> Json:
        return _ok(get_me(self.username))

    async def _do_getupdates(self, call: Call) -> Json:
        if self.webhook:
            text = "Conflict: can't use getUpdates method while webhook is active"
            return failed(409, f"{text}; use deleteWebhook to delete the webhook first")
        offset = int(call.fields.get("offset", 0))
        if offset > 0:
            self.queue = [u for u in self.queue if u["update_id"] >= offset]
        elif offset < 0:
            self.queue = self.queue[offset:]
        allowed = json.loads(call.fields.get("allowed_updates", "[]"))
        limit = int(call.fields.get("limit", 100))
        until = time.monotonic() + int(call.fields.get("timeout", 0))
        # a later question ends the one that is still waiting
        self._asked += 1
        mine = self._asked
        self._ring()
        while not (ready := [u for u in self.queue if _wanted(u, allowed)]):
            left = until - time.monotonic()
            if left <= 0:
                break
            try:
                async with asyncio.timeout(left), self._news:
                    await self._news.wait()
            except TimeoutError:
                break
            if mine != self._asked:
                text = "Conflict: terminated by other getUpdates request"
                return failed(409, f"{text}; make sure that only one bot instance is running")
        return _ok(ready[:limit])

    async def _do_deletewebhook(self, call: Call) -> Json:
        self.webhook = ""
        if call.fields.get("drop_pending_updates") == "true":
            self.queue.clear()
        return _ok(True)

    async def _do_getwebhookinfo(self, call: Call) -> Json:
        info = {"url": self.webhook, "has_custom_certificate": False}
        return _ok({**info, "pending_update_count": len(self.queue)})

    async def _do_getfile(self, call: Call) -> Json:
        ident = call.fields["file_id"]
        content = self.files.get(ident)
        if content is None:
            return failed(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        shape = {"file_id": ident, "file_unique_id": f"u-{ident}", "file_size": len(content)}
        return _ok({**shape, "file_path": f"files/{ident}"})

    async def _do_sendmessage(self, call: Call) -> Json:
        text = call.fields.get("text", "")
        if not text.strip():
            return failed(400, "Bad Request: message text is empty")
        if _units(text) > 4096:
            return failed(400, "Bad Request: message is too long")
        content: Json = {"text": text}
        if "entities" in call.fields:
            content["entities"] = call.json("entities")
        return self._deliver(call, **content)

    async def _do_sendphoto(self, call: Call) -> Json:
        _, content = _upload(call, "photo")
        sizes = photo_sizes(self.keep(content, "jpg"), len(content))
        return self._deliver(call, photo=sizes, **_caption(call))

    async def _do_senddocument(self, call: Call) -> Json:
        name, content = _upload(call, "document")
        ident = self.keep(content)
        shape = document(ident, name, "application/octet-stream", len(content))
        return self._deliver(call, document=shape, **_caption(call))

    async def _do_sendmediagroup(self, call: Call) -> Json:
        delivered = []
        for item in call.json("media"):
            key = item["media"].removeprefix("attach://")
            name, content = call.files[key]
            ident = self.keep(content)
            shape: Json = {"media_group_id": "1", "caption": item.get("caption", "")}
            if item["type"] == "photo":
                shape["photo"] = photo_sizes(ident, len(content))
            else:
                media_type = "application/octet-stream"
                shape["document"] = document(ident, name, media_type, len(content))
            answer = self._deliver(call, **shape)
            if not answer["ok"]:
                return answer
            delivered.append(answer["result"])
        return _ok(delivered)

    async def _do_sendchataction(self, call: Call) -> Json:
        return self._refusal(int(call.fields["chat_id"])) or _ok(True)

    async def _do_setmycommands(self, call: Call) -> Json:
        return _ok(True)

    async def _do_editmessagetext(self, call: Call) -> Json:
        return self._change(call, text=call.fields.get("text", ""))

    async def _do_editmessagecaption(self, call: Call) -> Json:
        return self._change(call, caption=call.fields.get("caption", ""))

    async def _do_deletemessage(self, call: Call) -> Json:
        found = self._find(call)
        if found is None:
            return failed(400, "Bad Request: message to delete not found")
        self.sent.remove(found)
        return _ok(True)

    # -- what the methods share

    def _refusal(self, chat: int) -> Json | None:
        if chat in self.blocked:
            return failed(403, "Forbidden: bot was blocked by the user")
        if chat not in self.clients.chats:
            return failed(400, "Bad Request: chat not found")
        return None

    def _deliver(self, call: Call, **content: Any) -> Json:
        chat = int(call.fields["chat_id"])
        if (refusal := self._refusal(chat)) is not None:
            return refusal
        shape = message(
            self.message_id(chat),
            self.clients.chats[chat],
            bot_user(self.username),
            int(self.clock()),
            **{name: value for name, value in content.items() if value},
        )
        if connection := call.fields.get("business_connection_id"):
            shape["business_connection_id"] = connection
        if "reply_parameters" in call.fields:
            answered = call.json("reply_parameters")["message_id"]
            shape["reply_to_message"] = {
                "message_id": answered,
                "date": int(self.clock()),
                "chat": self.clients.chats[chat],
            }
        self.sent.append(shape)
        self._ring()
        return _ok(shape)

    def _find(self, call: Call) -> Json | None:
        wanted = (int(call.fields["chat_id"]), int(call.fields["message_id"]))
        return next((m for m in self.sent if (m["chat"]["id"], m["message_id"]) == wanted), None)

    def _change(self, call: Call, **content: str) -> Json:
        found = self._find(call)
        if found is None:
            return failed(400, "Bad Request: message to edit not found")
        found.update(content, edit_date=int(self.clock()))
        return _ok(found)

    def _ring(self) -> None:
        async def ring() -> None:
            async with self._news:
                self._news.notify_all()

        task = asyncio.ensure_future(ring())
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)


def _ok(result: Any) -> Json:
    return {"ok": True, "result": result}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _wanted(update: Json, allowed: list[str]) -> bool:
    return not allowed or any(name in allowed for name in update if name != "update_id")


def _caption(call: Call) -> Json:
    shape: Json = {"caption": call.fields.get("caption", "")}
    if "caption_entities" in call.fields:
        shape["caption_entities"] = call.json("caption_entities")
    return shape


def _upload(call: Call, name: str) -> tuple[str, bytes]:
    """The file sent as ``attach://`` name, or in the field itself."""
    return call.files[call.fields.get(name, name).removeprefix("attach://")]


async def _read(request: web.Request) -> Call:
    """The fields of a request: query, urlencoded, JSON or multipart."""
    fields = dict(request.query)
    files: dict[str, tuple[str, bytes]] = {}
    if request.content_type == "application/json":
        body = await request.json()
        fields |= {k: v if isinstance(v, str) else json.dumps(v) for k, v in body.items()}
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = (value.filename, value.file.read())
            else:
                fields[name] = str(value)
    return Call(request.match_info["method"], fields, files)


@pytest_asyncio.fixture
async def bot_api() -> AsyncIterator[BotApi]:
    """A Bot API server of the test's own, on a free loopback port."""
    async with BotApi() as api:
        yield api


__all__ = ["BOT_ID", "TOKEN", "BotApi", "Call", "Fault", "bot_api"]
