"""Whether this process lives and can work, for those who watch over it; without any extra."""

import logging

from aiohttp import web

from pfinbox.errors import StoreError
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.system import readiness

log = logging.getLogger(__name__)

INBOX = web.AppKey("inbox", ProgramInbox)
_KEPT_NOWHERE = {"Cache-Control": "no-store"}


def application(inbox: ProgramInbox) -> web.Application:
    """``/health/live`` and ``/health/ready``."""
    app = web.Application()
    app[INBOX] = inbox
    app.router.add_get("/health/live", _live)
    app.router.add_get("/health/ready", _ready)
    return app


async def _live(request: web.Request) -> web.Response:
    return web.json_response({"live": True}, headers=_KEPT_NOWHERE)


async def _ready(request: web.Request) -> web.Response:
    """Whether the store can be read."""
    try:
        await request.app[INBOX].read(readiness.ready)
    except StoreError as error:
        log.warning("not ready: %s", error)
        return web.json_response({"ready": False}, status=503, headers=_KEPT_NOWHERE)
    return web.json_response({"ready": True}, headers=_KEPT_NOWHERE)
