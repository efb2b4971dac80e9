"""What the chat's window asks for: write, read, hear of news, get a file. JSON, no cookie."""

import asyncio
import base64
import json
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.webhook import Request
from pfinbox.services.chat import reading
from pfinbox.services.chat.reading import Visited
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.store.rows import PortalCommentRow
from pfinbox.web.budget import Budget
from pfinbox.web.chat import visitors
from pfinbox.web.download import download
from pfinbox.web.guard import add_headers
from pfinbox.web.hooks.keeper import KEEPER
from pfinbox.web.live import LIVE
from pfinbox.web.network import network_of
from pfinbox.web.origins import is_own
from pfinbox.web.site import INBOX, SITE, Chat

_LARGEST = 15 << 20
# It becomes a key, of both databases.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST = 20_000
_MOST_FILES = 5
_ALIVE_SECONDS = 25.0
# Messages of one network: a quick writer, not a program.
_RATE, _BURST = 0.5, 30.0

WRITING = web.AppKey("chat writing", Budget)


def add_routes(app: web.Application) -> None:
    app[WRITING] = Budget(_RATE, _BURST, time.monotonic)
    app.router.add_post("/chat/{account}/messages", write)
    app.router.add_get("/chat/{account}/messages", read)
    app.router.add_get("/chat/{account}/news", news)
    app.router.add_get(r"/chat/{account}/files/{id:\d{1,18}}", file)


def chat_of(request: web.Request) -> Chat:
    """The chat of the path; 404 for any other account."""
    found = request.app[SITE].chats.get(request.match_info["account"])
    if found is None:
        raise web.HTTPNotFound
    return found


def _visited(request: web.Request) -> Visited:
    chat = chat_of(request)
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    visitor = visitors.by_token(chat, token)
    if visitor is None:
        raise web.HTTPUnauthorized
    return Visited(chat.account, visitor)


async def write(request: web.Request) -> web.Response:
    """Keep a message for the channel; the first one makes a visitor, and answers a token."""
    chat = chat_of(request)
    if not is_own(request):
        return _said(403, "from another page")
    if not request.app[WRITING].spend(network_of(request)):
        return _said(429, "too often")
    if (request.content_length or 0) > _LARGEST:
        return _said(413, "too large")
    told = _told(await request.read())
    visitor = _who(chat, told) if told is not None else None
    if told is None or visitor is None:
        return _said(422, "not understood")
    body = json.dumps({**told, "visitor": visitor}, ensure_ascii=False)
    kept = Request(
        method="POST",
        rest="",
        body=body.encode("utf-8", "replace"),
        received_at=datetime.now(UTC),
    )
    key = f"{visitor}:{told['id']}"
    if not await request.app[KEEPER].keep(Pushed(chat.account, key, kept)):
        return _said(503, "busy")
    return web.json_response({"ok": True, "token": visitors.token_of(chat, visitor)})


def _who(chat: Chat, told: dict[str, Any]) -> str | None:
    """Whose message it is; None where a token or a site's word is wrong."""
    identity, token = told.pop("identity", None), told.pop("token", None)
    if isinstance(identity, dict) and identity.get("user"):
        return visitors.vouched(chat, identity)
    if token:
        return visitors.by_token(chat, token) if isinstance(token, str) else None
    return visitors.new()


def _told(body: bytes) -> dict[str, Any] | None:
    """A message as the window sends it; None for anything else."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    texts = {name: given.get(name) or "" for name in ("id", "text", "name", "email")}
    files = given.get("files") or []
    if not all(isinstance(one, str) for one in texts.values()) or not isinstance(files, list):
        return None
    fits = (
        _ID.fullmatch(texts["id"]) and len(texts["text"]) <= _LONGEST and len(files) <= _MOST_FILES
    )
    if not fits or not (texts["text"].strip() or files):
        return None
    if not all(_is_file(one) for one in files):
        return None
    rest = {name: given[name] for name in ("identity", "token") if name in given}
    return {
        **texts,
        "name": texts["name"][:100],
        "email": texts["email"][:200],
        "files": files,
    } | rest


def _is_file(given: object) -> bool:
    if not isinstance(given, dict) or set(given) != {"name", "type", "base64"}:
        return False
    if not all(isinstance(value, str) for value in given.values()):
        return False
    try:
        return bool(base64.b64decode(given["base64"], validate=True))
    except ValueError:
        return False


async def read(request: web.Request) -> web.Response:
    """All messages of the visitor's chat."""
    found = await request.app[INBOX].read(reading.messages, _visited(request))
    return web.json_response({"messages": [_shown(one) for one in found]})


def _session(request: web.Request) -> int:
    """A number for the visitor's windows, apart from those of sessions on clients' pages."""
    mac = request.headers["Authorization"].rpartition(".")[2]
    return -int(mac[:12], 16)


def _shown(row: PortalCommentRow) -> dict[str, Any]:
    files = [{"id": one.id, "name": one.name, "size": one.size} for one in row.files]
    return {
        "id": row.id,
        "mine": row.mine,
        "author": row.author,
        "text": row.text,
        "at": f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "files": files,
    }


async def news(request: web.Request) -> web.StreamResponse:
    """Lines that say that something may have changed, never what."""
    here = _visited(request)
    inbox, live = request.app[INBOX], request.app[LIVE]
    # Only what the visitor writes opens another task, and the window asks again then.
    task_id = await inbox.read(reading.task, here)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
    )
    add_headers(response)
    told: object = None
    with live.watch(task_id, _session(request)) as woken, suppress(ConnectionError):
        woken.set()
        await response.prepare(request)
        while not live.closing:
            found = await inbox.read(reading.messages, here)
            state = [(one.id, one.edited_at) for one in found]
            await response.write(b"data: news\n\n" if state != told else b": \n\n")
            told = state
            woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_ALIVE_SECONDS):
                    await woken.wait()
    return response


async def file(request: web.Request) -> web.Response:
    row, content = await request.app[INBOX].read(
        reading.file, _visited(request), int(request.match_info["id"])
    )
    return download(File(row.name, row.media_type, content))


def _said(status: int, problem: str) -> web.Response:
    return web.json_response({"ok": False, "error": problem}, status=status)
