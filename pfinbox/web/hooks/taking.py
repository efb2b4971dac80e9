"""One pushed request: who may, what it is, kept, answered; the channel decides the first two."""

import json
import logging
import time
from datetime import UTC, datetime

from aiohttp import web

from pfinbox.domain.contract.webhook import Request, Verdict
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.web.body import read_body
from pfinbox.web.budget import Budget
from pfinbox.web.hooks.keeper import KEEPER
from pfinbox.web.network import network_of
from pfinbox.web.site import SITE

log = logging.getLogger(__name__)

_LARGEST = 10 << 20
_BODY_SECONDS = 20.0
_RETRY_AFTER = "30"
# For those who are admitted: a backlog of a large service fits in.
_ADMITTED = (200.0, 2000.0)
# For those who are not: nobody guesses a secret at this rate.
_REFUSED = (0.5, 60.0)

ADMITTED = web.AppKey("admitted", Budget)
REFUSED = web.AppKey("refused", Budget)


def add_routes(app: web.Application) -> None:
    app[ADMITTED] = Budget(*_ADMITTED, time.monotonic)
    app[REFUSED] = Budget(*_REFUSED, time.monotonic)
    app.router.add_route("*", "/hooks/{account}", take)
    app.router.add_route("*", "/hooks/{account}/{rest:.*}", take)


async def take(request: web.Request) -> web.Response:
    """See ``domain.contract.webhook``: nothing but keeping stands before the answer."""
    account = request.match_info["account"]
    network = network_of(request)
    if request.app[REFUSED].left(network) < 1:
        return _answer(429, "too often")
    admit = request.app[SITE].hooks.get(account)
    if admit is None:
        request.app[REFUSED].spend(network)
        return _answer(404, "there is no such account")
    try:
        body = await read_body(request, _LARGEST, _BODY_SECONDS)
    except web.HTTPRequestEntityTooLarge:
        return _answer(413, "too large")
    except TimeoutError:
        return _answer(408, "too slow")
    told = _told(request, body)
    verdict = admit(told)
    if verdict.status >= 400:
        request.app[REFUSED].spend(network)
        log.info("%s: a request was answered %d", account, verdict.status)
    elif not request.app[ADMITTED].spend(f"{account} {network}"):
        return _answer(429, "too often")
    elif verdict.keep and not await request.app[KEEPER].keep(Pushed(account, verdict.key, told)):
        return _answer(503, "busy")
    return _spoken(verdict)


def _told(request: web.Request, body: bytes) -> Request:
    """What a channel gets to know; of the headers those that services speak by."""
    headers = {
        name.lower(): value
        for name, value in request.headers.items()
        if name.lower() == "content-type" or name.lower().startswith("x-")
    }
    return Request(
        method=request.method,
        rest=request.match_info.get("rest", "").strip("/"),
        query=dict(request.query),
        headers=headers,
        body=body,
        received_at=datetime.now(UTC),
    )


def _spoken(verdict: Verdict) -> web.Response:
    return web.Response(status=verdict.status, body=verdict.body, content_type=verdict.media_type)


def _answer(status: int, problem: str) -> web.Response:
    response = web.Response(
        status=status,
        body=json.dumps({"ok": False, "error": problem}).encode(),
        content_type="application/json",
    )
    if status in (429, 503):
        response.headers["Retry-After"] = _RETRY_AFTER
    if status in (408, 413):
        # What is still on its way is not waited for.
        response.force_close()
    return response
