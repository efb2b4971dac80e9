"""What the chat's window hears and tells by itself: messages, news, seen, writing. No cookie."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from pfinbox.services.chat import reading, seeing
from pfinbox.services.chat.reading import Visited
from pfinbox.services.inbox import ProgramInbox
from pfinbox.store.rows import PortalCommentRow
from pfinbox.web.chat.presence import is_away
from pfinbox.web.chat.visits import chat_of, sign, visited
from pfinbox.web.guard import add_headers
from pfinbox.web.live import LIVE
from pfinbox.web.site import INBOX

_ALIVE_SECONDS = 25.0
_HIGHEST = 2**63 - 1


def add_routes(app: web.Application) -> None:
    app.router.add_get("/chat/{account}/messages", _read)
    app.router.add_get("/chat/{account}/news", _news)
    app.router.add_post("/chat/{account}/seen", _seen)
    app.router.add_post("/chat/{account}/writing", _writing)


async def _read(request: web.Request) -> web.Response:
    """All messages of the visitor's chat, and what the window asks and says besides."""
    here, chat = visited(request), chat_of(request)
    talk = await request.app[INBOX].read(reading.talk, here)
    return web.json_response(
        {
            "messages": [_shown(one, talk.now) for one in talk.messages],
            "unseen": talk.unseen,
            "asks": talk.asks,
            "away": await is_away(request.app[INBOX], chat, datetime.now(UTC)),
        }
    )


def _session(request: web.Request) -> int:
    """A number for the visitor's windows, apart from those of sessions on clients' pages."""
    mac = request.headers["Authorization"].rpartition(".")[2]
    return -int(mac[:12], 16)


def _shown(row: PortalCommentRow, now: datetime) -> dict[str, Any]:
    files = [{"id": one.id, "name": one.name, "size": one.size} for one in row.files]
    return {
        "id": row.id,
        # The window's own id of what it has sent.
        "key": (row.source_id or "").rpartition(":")[2] if row.mine else "",
        "mine": row.mine,
        "author": row.author,
        "picture": row.picture,
        "text": row.text,
        "at": f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "edited": row.edited_at.isoformat() if row.edited_at is not None else "",
        # Seconds in which the visitor may change it.
        "editable": reading.left_for(row, now) if row.mine else 0,
        "files": files,
    }


async def _news(request: web.Request) -> web.StreamResponse:
    """A line when the messages may have changed, and one with who is writing, or null."""
    here = visited(request)
    inbox, live = request.app[INBOX], request.app[LIVE]
    # Only what the visitor writes opens another task, and the window asks again then.
    task_id = await inbox.read(reading.task, here)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
    )
    add_headers(response)
    told: dict[str, object] = {}
    watching = live.watch(task_id, _session(request), attentive=True)
    with watching as woken, suppress(ConnectionError):
        woken.set()
        await response.prepare(request)
        while not live.closing:
            # What changes while it looks is looked at next.
            woken.clear()
            state = await live.look(task_id, here, lambda: _state(inbox, here))
            lines = [_line(one, state[one]) for one in state if told.get(one) != state[one]]
            await response.write("".join(lines or [": \n\n"]).encode())
            told = state
            try:
                async with asyncio.timeout(_ALIVE_SECONDS):
                    await woken.wait()
            except TimeoutError:
                # A screen that was torn away does not say that nobody writes any more.
                live.wake({task_id})
    return response


async def _state(inbox: ProgramInbox, here: Visited) -> dict[str, object]:
    return {
        "news": await inbox.read(reading.news, here),
        "writer": await inbox.read(reading.writer, here),
    }


def _line(what: str, value: object) -> str:
    # What is new, the window asks for itself.
    told = {what: True if what == "news" else value}
    return f"data: {json.dumps(told)}\n\n"


async def _seen(request: web.Request) -> web.Response:
    """The window shows the messages up to one of them."""
    here, told = await sign(request)
    up_to = told.get("id")
    if type(up_to) is not int or not 0 < up_to <= _HIGHEST:
        raise web.HTTPUnprocessableEntity
    await request.app[INBOX].write(seeing.seen, here, up_to)
    return web.Response(status=204)


async def _writing(request: web.Request) -> web.Response:
    """The visitor is writing, or no longer."""
    here, told = await sign(request)
    await request.app[INBOX].write(seeing.writes, here, now=told.get("on") is True)
    return web.Response(status=204)
