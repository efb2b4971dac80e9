"""What Meta's three services share on loopback: token, proof, media, faults, pushing.

Not Meta: shapes follow Meta's own description of the API and the webhooks that it documents.
Fixture: ``meta_server``.
"""

import asyncio
import hmac
import itertools
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest_asyncio
from aiohttp import web

from tests.servers.loopback import Loopback
from tests.servers.meta import shapes
from tests.servers.told import Told, telling

Json = dict[str, Any]

TOKEN, APP_SECRET, VERIFY = "loopback-meta-token", "loopback-app-secret", "loopback-verify"
VERSION = "v23.0"
_PROOF = hmac.new(APP_SECRET.encode(), TOKEN.encode(), sha256).hexdigest()
_WHATSAPP_LATER = {"code": 130429, "message": "Rate limit hit", "type": "OAuthException"}
_PAGE_LATER = {"code": 613, "message": "Calls have exceeded the limit", "type": "OAuthException"}


@dataclass
class Graph(Loopback):
    """The server. ``sent``: what clients have of us, oldest first."""

    base: str = ""
    sent: list[Json] = field(default_factory=list)
    calls: list[tuple[str, str, Json, Any]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    # What our side was said to have read.
    read: list[str] = field(default_factory=list)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    uploaded: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    templates: list[Json] = field(default_factory=list)
    names: dict[str, Json] = field(default_factory=dict)
    subscribed: bool = True
    # What happens to the next messages: an error object with its status, or "cut", "garbage" or
    # "fault" (after it was taken).
    faults: deque[tuple[int, Json] | str] = field(default_factory=deque)
    # What is refused when it is asked for, by path.
    refusing: dict[str, tuple[int, Json]] = field(default_factory=dict)
    # Everything told, as raw bodies, and who is told.
    pushed: list[bytes] = field(default_factory=list)
    push: Callable[[bytes], Awaitable[None]] | None = None
    # Beyond this many seconds a client is not written to without a tag or a template.
    window_open: bool = True
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1 << 28, middlewares=[telling(self.told)])
        app.router.add_get("/lookaside/{name}", self._media)
        app.router.add_route("*", f"/{VERSION}/{{path:.*}}", self._call)
        return app

    async def tell(self, payload: Json) -> None:
        """Push it as Meta does; non-ASCII as it is, which a signature must stand."""
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        await self.repeat(body)

    async def repeat(self, body: bytes) -> None:
        self.pushed.append(body)
        if self.push is not None:
            await self.push(body)

    def name(self, prefix: str) -> str:
        return f"{prefix}{next(self._ids):08x}"

    def keep(self, content: bytes, media_type: str = "application/pdf") -> str:
        """A client's file; its id."""
        ident = str(10_000 + next(self._ids))
        self.media[ident] = (media_type, content)
        return ident

    def address(self, ident: str) -> str:
        return f"{self.base}/lookaside/{ident}"

    # -- HTTP

    async def _call(self, request: web.Request) -> web.StreamResponse:
        path, query = "/" + request.match_info["path"], dict(request.query)
        body: Any = None
        if request.content_type == "application/json" and request.can_read_body:
            body = await request.json()
        elif request.can_read_body:
            body = dict(await request.post())
        self.calls.append((request.method, path, query, body))
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            error = {"message": "Invalid OAuth access token.", "type": "OAuthException"}
            return _error(401, {**error, "code": 190})
        if query.get("appsecret_proof") != _PROOF:
            error = {"message": "Invalid appsecret_proof", "type": "GraphMethodException"}
            return _error(400, {**error, "code": 100})
        if request.method == "POST" and path.endswith("/messages"):
            return await self._send(request, path, body)
        if request.method == "POST":
            return self._upload(path, body)
        return self._answer(path, query)

    def _answer(self, path: str, query: Json) -> web.Response:
        if path in self.refusing:
            return _error(*self.refusing[path])
        if path == f"/{shapes.NUMBER}":
            return web.json_response(shapes.PHONE)
        if path == "/me":
            return web.json_response(shapes.PAGE_PROFILE)
        if path.endswith("/subscribed_apps"):
            return web.json_response({"data": [shapes.APP] if self.subscribed else []})
        if path == f"/{shapes.BUSINESS}/message_templates":
            return web.json_response(self._page_of_templates(query))
        ident = path.removeprefix("/")
        if ident in self.media:
            media_type, content = self.media[ident]
            told = {
                "messaging_product": "whatsapp",
                "url": self.address(ident),
                "mime_type": media_type,
                "sha256": sha256(content).hexdigest(),
                "file_size": str(len(content)),
                "id": ident,
            }
            return web.json_response(told)
        if ident in self.names:
            return web.json_response({**self.names[ident], "id": ident})
        error = {"message": "Unsupported get request.", "type": "GraphMethodException"}
        return _error(400, {**error, "code": 100, "error_subcode": 33})

    def _page_of_templates(self, query: Json) -> Json:
        start = int(query.get("after", 0))
        some = self.templates[start : start + 2]
        more = start + 2 < len(self.templates)
        cursors = {"before": str(start), "after": str(start + 2)}
        paging: Json = {"cursors": cursors} | ({"next": "https://x.example"} if more else {})
        return {"data": some, "paging": paging}

    def _upload(self, path: str, body: Any) -> web.Response:
        given = body["filedata" if path.endswith("/message_attachments") else "file"]
        assert isinstance(given, web.FileField)
        ident = str(20_000 + next(self._ids))
        self.uploaded[ident] = (given.filename, given.file.read())
        if path.endswith("/message_attachments"):
            return web.json_response({"attachment_id": ident})
        return web.json_response({"id": ident})

    async def _send(self, request: web.Request, path: str, body: Json) -> web.StreamResponse:
        whatsapp = path != "/me/messages"
        if body.get("status") == "read":
            self.read.append(body["message_id"])
            return web.json_response({"success": True})
        if body.get("sender_action") == "mark_seen":
            self.read.append(body["recipient"]["id"])
        if "sender_action" in body:
            return web.json_response({"recipient_id": body["recipient"]["id"]})
        fault = self.faults.popleft() if self.faults else None
        if isinstance(fault, tuple):
            return _error(*fault)
        tagged = body.get("tag") == "HUMAN_AGENT" or body.get("type") == "template"
        if not self.window_open and not tagged:
            code = {"code": 131047} if whatsapp else {"code": 10, "error_subcode": 2018278}
            return _error(400, {"message": "outside", "type": "OAuthException", **code})
        name = self.name("wamid." if whatsapp else "m_")
        self.sent.append({"id": name, "body": body})
        if fault == "cut" and request.transport is not None:
            request.transport.abort()
        if fault == "garbage":
            return web.Response(text='{"messa', content_type="application/json")
        if fault == "fault":
            return _error(500, {"message": "An unknown error", "type": "OAuthException", "code": 1})
        if not whatsapp:
            return web.json_response({"recipient_id": body["recipient"]["id"], "message_id": name})
        to = body.get("to") or body["recipient"]
        who = {"input": to, "wa_id": to} if "to" in body else {"input": to, "user_id": to}
        answer = {"messaging_product": "whatsapp", "contacts": [who], "messages": [{"id": name}]}
        return web.json_response(answer)

    async def _media(self, request: web.Request) -> web.Response:
        ident = request.match_info["name"]
        if ident in self.media and ident not in self.names:
            media_type, content = self.media[ident]
            if media_type != "public" and request.headers.get("Authorization") != f"Bearer {TOKEN}":
                return web.Response(status=401)
            return web.Response(body=content)
        return web.Response(status=404)


def later(*, whatsapp: bool) -> tuple[int, Json]:
    """Too many calls."""
    return (429, _WHATSAPP_LATER) if whatsapp else (400, _PAGE_LATER)


def _error(status: int, error: Json) -> web.Response:
    return web.json_response({"error": {"fbtrace_id": "A1", **error}}, status=status)


def now() -> int:
    return int(time.time())


@pytest_asyncio.fixture
async def meta_server() -> AsyncIterator[Graph]:
    async with Graph() as server:
        yield server
        # What is under way ends before the sockets do.
        await asyncio.sleep(0)
