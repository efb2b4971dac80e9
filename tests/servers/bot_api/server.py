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
from typing import Any, Self

import pytest_asyncio
from aiohttp import web

from tests.servers.bot_api.clients import Clients
from tests.servers.bot_api.messages import Messages
from tests.servers.bot_api.shapes import BOT_ID, Json, failed, get_me, ok
from tests.servers.bot_api.wire import Call, Fault, read_call

TOKEN = "7000000001:AAE-test_token_of_the_loopback_server_0"


class BotApi(Messages):
    """The server. ``sent`` lists the messages that the bot has delivered, oldest first."""

    def __init__(self, token: str = TOKEN, username: str = "loopback_bot") -> None:
        super().__init__(username)
        self.token = token
        self.calls: list[Call] = []
        self.queue: list[Json] = []
        self.webhook = ""
        self.clients = Clients(self)
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._next_update = 500_000
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

    def heal(self) -> None:
        """No request fails any more."""
        self._faults.clear()

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
        self.ring()
        return shape

    def restart_ids(self, first: int) -> None:
        """Update numbers go on from here, as they do at random after a quiet week."""
        self._next_update = first

    # -- HTTP

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if (fault := self._fault("file")) is not None:
            return self._broken(request, fault)
        content = self.files.get(request.match_info["path"].removeprefix("files/"))
        if request.match_info["token"] != self.token or content is None:
            return web.json_response(failed(404, "Not Found"), status=404)
        return web.Response(body=content)

    async def _method(self, request: web.Request) -> web.StreamResponse:
        call = await read_call(request)
        self.calls.append(call)
        self.ring()
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
        return ok(get_me(self.username))

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
        self.ring()
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
        return ok(ready[:limit])

    async def _do_deletewebhook(self, call: Call) -> Json:
        self.webhook = ""
        if call.fields.get("drop_pending_updates") == "true":
            self.queue.clear()
        return ok(True)

    async def _do_getwebhookinfo(self, call: Call) -> Json:
        info = {"url": self.webhook, "has_custom_certificate": False}
        return ok({**info, "pending_update_count": len(self.queue)})

    def ring(self) -> None:
        async def ring() -> None:
            async with self._news:
                self._news.notify_all()

        task = asyncio.ensure_future(ring())
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)


def _wanted(update: Json, allowed: list[str]) -> bool:
    return not allowed or any(name in allowed for name in update if name != "update_id")


@pytest_asyncio.fixture
async def bot_api() -> AsyncIterator[BotApi]:
    """A Bot API server of the test's own, on a free loopback port."""
    async with BotApi() as api:
        yield api


__all__ = ["BOT_ID", "TOKEN", "BotApi", "Call", "Fault", "bot_api"]
