"""The stream of an open page (server-sent events): it says that something has changed, never what.

The page then loads itself again, so that there is one place where comments are shown.
"""

import asyncio
from contextlib import suppress
from functools import partial

from aiohttp import web

from pfinbox.errors import NotFound
from pfinbox.services.portal import reading
from pfinbox.web.guard import add_headers
from pfinbox.web.live import LIVE
from pfinbox.web.portal import views, visiting
from pfinbox.web.portal.conversation import ID, task_id
from pfinbox.web.portal.visiting import VISIT, Visit, signed_in

# Proxies cut off what is silent for a minute.
_ALIVE_SECONDS = 25.0
_HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get(f"/p/t/{ID}/news", signed_in(_news))


async def _news(request: web.Request) -> web.StreamResponse:
    here, visit, live = task_id(request), request[VISIT], request.app[LIVE]
    first = await visit.inbox.read(reading.contact_marks, here)
    response = web.StreamResponse(headers=_HEADERS)
    add_headers(response)
    told = ""
    task = first.task_id
    with live.watch(task, visit.who.session_id) as woken, suppress(ConnectionError):
        # What came between reading and watching is not missed.
        woken.set()
        await response.prepare(request)
        state = views.state(first)
        while True:
            if state != told:
                await response.write(f"event: state\ndata: {state}\n\n".encode())
                told = state
            try:
                async with asyncio.timeout(_ALIVE_SECONDS):
                    await woken.wait()
            except TimeoutError:
                await response.write(b": \n\n")
            # The door closes; or the session has ended meanwhile.
            if live.closing or await visiting.find(request) is None:
                break
            if woken.is_set():
                woken.clear()
                try:
                    state = await live.look(task, visit.who.actor, partial(_state, visit, here))
                except NotFound:
                    break
    return response


async def _state(visit: Visit, here: int) -> str:
    return views.state(await visit.inbox.read(reading.contact_marks, here))
