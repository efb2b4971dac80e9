"""A shop's program at the other end of a webhook: it posts to the door, and is posted to."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
from aiohttp import web

SECRET = "s3cr3t-of-the-shop-4711"
# It gives up waiting for an answer, and posts the same again, after so many seconds.
_PATIENCE = 5.0
_AGAIN = 0.3


class Shop:
    """``door``: where its requests go; ``base``: where it is posted to itself."""

    def __init__(self) -> None:
        self.door = ""
        self.port = 0
        self.taken: list[str] = []
        # What the next requests are answered: a status, or 0: it is taken and the answer is lost.
        self.answers: deque[int] = deque()
        # How often it had to post again.
        self.repeats = 0
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Shop"]:
        app = web.Application()
        app.router.add_post("/", self._post)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        timeout = aiohttp.ClientTimeout(total=_PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as self._session:
            yield self
        await runner.cleanup()

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.json()
        status = self.answers.popleft() if self.answers else 200
        if status < 400:
            self.taken.append(str(body.get("text", "")))
        if not status:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.json_response({"id": f"theirs-{len(self.taken)}"}, status=status)

    async def say(self, name: str, client: int) -> None:
        """Post until it is taken, as a program does that must not lose an order."""
        assert self._session is not None
        body = {
            "event": "message",
            "id": name,
            "chat": f"order-{client}",
            "at": datetime.now(UTC).isoformat(),
            "contact": {"id": f"c{client}", "name": f"Client {client}"},
            "text": name,
        }
        while True:
            try:
                async with self._session.post(
                    f"{self.door}/hooks/shop/{SECRET}",
                    data=json.dumps(body),
                    headers={"Content-Type": "application/json"},
                ) as answer:
                    if answer.status == 200 and (await answer.json())["ok"]:
                        return
            except (aiohttp.ClientError, TimeoutError, ValueError):
                pass
            self.repeats += 1
            await asyncio.sleep(_AGAIN)
