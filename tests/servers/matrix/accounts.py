"""The users of a loopback homeserver, and how it answers."""

import asyncio
import itertools
import json
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.servers.loopback import Loopback
from tests.servers.matrix.person import Person
from tests.servers.matrix.shapes import Call, error

Json = dict[str, Any]
_UPLOAD = 2 << 20
_MEDIA = ("upload", "download", "thumbnail")
_STATUS = {"M_LIMIT_EXCEEDED": 429, "M_FORBIDDEN": 403, "M_UNKNOWN_TOKEN": 401, "M_TOO_LARGE": 413}


@dataclass
class Accounts(Loopback):
    """``faults``: for each kind of call what happens to the next ones: an errcode, a status, "cut"
    or "garbage" (both after it was carried out).
    """

    base: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    # By refresh token: the user, and the access token that it renews.
    refreshing: dict[str, tuple[str, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    avatars: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    account_data: dict[str, Json] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: dict[str, deque[int | str]] = field(default_factory=lambda: defaultdict(deque))
    _ids: Any = field(default_factory=lambda: itertools.count(1))

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

    # -- HTTP

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        parts = [unquote(one) for one in request.rel_url.raw_path.strip("/").split("/")]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        user = self.tokens.get(token)
        kind = next(
            one for one in reversed(parts[2:]) if one in _MEDIA or hasattr(self, _name(one))
        )
        self.calls.append(kind)
        fault = self.faults[kind].popleft() if self.faults[kind] else None
        if isinstance(fault, int):
            return web.Response(status=fault, text="<html>")
        if user is None and kind not in ("login", "refresh"):
            return error(401, "M_UNKNOWN_TOKEN", soft_logout=True)
        if fault in _STATUS:
            return error(_STATUS[fault], fault, retry_after_ms=1500)
        arguments = parts[parts.index(kind) + 1 :]
        if kind in _MEDIA:
            return await self._media(request, kind, arguments)
        body = json.loads(await request.text() or "null")
        method = getattr(self, _name(kind))
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
        if kind != "upload":
            content = self.files.get(arguments[-1])
            return web.Response(body=content) if content is not None else error(404, "M_NOT_FOUND")
        content = await request.read()
        if len(content) > _UPLOAD:
            return error(413, "M_TOO_LARGE")
        name = f"file{len(self.files)}"
        self.files[name] = content
        return web.json_response({"content_uri": f"mxc://loopback/{name}"})

    # -- the account

    def _do_login(self, call: Call) -> Any:
        user = call.body["identifier"]["user"]
        if self.passwords.get(user) != call.body["password"]:
            return error(403, "M_FORBIDDEN")
        device = call.body.get("device_id") or f"DEVICE{next(self._ids)}"
        token = f"token_of_{device}_{next(self._ids)}"
        self.tokens[token] = user
        return {"user_id": user, "device_id": device, "access_token": token}

    def _do_refresh(self, call: Call) -> Any:
        """The old tokens are good until the new one is used; here, until it is there."""
        user, before = self.refreshing.pop(call.body["refresh_token"], ("", ""))
        if not user:
            return error(401, "M_UNKNOWN_TOKEN")
        self.tokens.pop(before, None)
        token = f"renewed_{next(self._ids)}"
        self.tokens[token] = user
        self.refreshing[f"refresh_{token}"] = (user, token)
        told = {"access_token": token, "expires_in_ms": 300_000}
        return {**told, "refresh_token": f"refresh_{token}"}

    def _do_logout(self, call: Call) -> Any:
        del self.tokens[call.token]
        return {}

    def _do_whoami(self, call: Call) -> Any:
        return {"user_id": call.user, "device_id": f"D{call.token}", "is_guest": False}

    def _do_account_data(self, call: Call) -> Any:
        if call.method == "PUT":
            self.account_data[call.user] = call.body
            return {}
        return self.account_data.get(call.user) or error(404, "M_NOT_FOUND")

    def _do_config(self, call: Call) -> Any:
        return {"m.upload.size": _UPLOAD}


def _name(kind: str) -> str:
    """The method that answers a kind of call."""
    return f"_do_{kind.replace('.', '_')}"
