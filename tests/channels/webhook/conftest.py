"""What the tests of the webhook channel share: an account, requests, and an other side."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from pfinbox.channels.webhook import SPEC, signing
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.domain.contract.webhook import Kept, Request, Requests
from tests.channels.conformance.other_side import Trouble

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
SECRET = "s3cr3t-of-the-shop"
TOKEN = "planfix-token"


def account(requests: Requests | None = None, **given: Any) -> AccountContext:
    """The account's settings as the config checker gives them."""
    checked = check(
        {"secret": SECRET, "planfix_token": TOKEN, **given},
        SPEC.settings,
        where="accounts.shop",
        source="test",
        secret=lambda value, _: Secret(str(value)),
    )
    return AccountContext("shop", checked, b"k" * 32, requests=requests)


def post(
    body: object,
    *,
    rest: str = "",
    kind: str = "application/json",
    signed: bool = True,
    head: Mapping[str, str] | None = None,
) -> Request:
    """A request as the door gives it; ``body``: JSON, or the bytes themselves."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": kind}
    if signed:
        made = signing.headers(SECRET, int(NOW.timestamp()), raw)
        headers |= {name.lower(): value for name, value in made.items()}
    headers |= head or {}
    return Request(method="POST", rest=rest, headers=headers, body=raw, received_at=NOW)


_STATUSES = {
    Trouble.TOO_MANY: 429,
    Trouble.REFUSED: 400,
    Trouble.WRONG_SECRET: 401,
    Trouble.FAULT: 500,
}


class Waiting:
    """Kept requests in memory."""

    def __init__(self, *requests: Request) -> None:
        self.kept = [Kept(place, one) for place, one in enumerate(requests, 1)]

    async def waiting(self, after: int) -> list[Kept]:
        return [one for one in self.kept if one.id > after]

    async def arrival(self) -> None:
        raise AssertionError("nothing more comes")


class Target:
    """A program that takes what is posted; answers as it is told."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.answer: Any = {"id": "theirs-1"}
        self.head: dict[str, str] = {}
        self.drop = False
        self.taken: list[tuple[dict[str, str], bytes]] = []
        # Those of them that were not refused.
        self.accepted: list[tuple[dict[str, str], bytes]] = []
        # What happens to the next one only.
        self.once: Trouble | None = None
        # What lies there to be fetched, by path: a status and bytes.
        self.files: dict[str, tuple[int, bytes]] = {}

    async def post(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.taken.append((headers, await request.read()))
        once, self.once = self.once, None
        status = _STATUSES.get(once, self.status) if once is not None else self.status
        if status < 400:
            self.accepted.append(self.taken[-1])
        if (self.drop or once is Trouble.CUT) and request.transport is not None:
            request.transport.abort()
        if once is Trouble.TRUNCATED and request.transport is not None:
            request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            request.transport.close()
        return web.json_response(self.answer, status=status, headers=self.head)

    async def get(self, request: web.Request) -> web.Response:
        status, content = self.files.get(request.path, (404, b""))
        return web.Response(status=status, body=content)


@pytest_asyncio.fixture
async def target() -> AsyncIterator[Target]:
    side = Target()
    app = web.Application()
    app.router.add_post("/in", side.post)
    app.router.add_get("/{rest:.*}", side.get)
    async with TestServer(app) as server:
        side.url = str(server.make_url("/in"))
        yield side
