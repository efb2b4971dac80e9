"""How this daemon does, for those who watch over it; without any extra, and without a word of it.

Whoever asks reads states, kinds and numbers; what they mean is in ``doctor`` and in the log.
"""

import logging
from collections.abc import Callable, Iterable

from aiohttp import web

from pfinbox.domain.health.metrics import MEDIA_TYPE, Metric, as_text
from pfinbox.errors import StoreError
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.system import readiness

log = logging.getLogger(__name__)

Measure = Callable[[], Iterable[Metric]]
INBOX = web.AppKey("inbox", ProgramInbox)
MEASURE: web.AppKey[Measure] = web.AppKey("measure")
_KEPT_NOWHERE = {"Cache-Control": "no-store"}


def application(inbox: ProgramInbox, measure: Measure) -> web.Application:
    """``/health/live``, ``/health/ready`` and ``/metrics``; ``measure``: the process's own."""
    app = web.Application()
    app[INBOX], app[MEASURE] = inbox, measure
    app.router.add_get("/health/live", _live)
    app.router.add_get("/health/ready", _ready)
    app.router.add_get("/metrics", _metrics)
    return app


async def _live(request: web.Request) -> web.Response:
    """The loop answers."""
    return web.json_response({"live": True}, headers=_KEPT_NOWHERE)


async def _ready(request: web.Request) -> web.Response:
    """Whether the store answers, and every account is served and reached; 503 says what is not."""
    try:
        found = await request.app[INBOX].read(readiness.readiness)
    except StoreError as error:
        log.warning("not ready: %s", error)
        return _answer({"ready": False, "problems": [{"kind": "store", "account": None}]})
    return _answer(
        {
            "ready": not found.problems,
            "problems": [{"kind": one.kind, "account": one.account} for one in found.problems],
            "accounts": {one.name: one.state for one in found.accounts},
        }
    )


def _answer(value: dict[str, object]) -> web.Response:
    return web.json_response(value, status=200 if value["ready"] else 503, headers=_KEPT_NOWHERE)


async def _metrics(request: web.Request) -> web.Response:
    """Of the process always, of the store where it answers."""
    metrics = list(request.app[MEASURE]())
    try:
        metrics += await request.app[INBOX].read(readiness.figures)
    except StoreError as error:
        log.warning("figures of the store are missing: %s", error)
    return web.Response(
        text=as_text(metrics), headers={"Content-Type": MEDIA_TYPE, **_KEPT_NOWHERE}
    )
