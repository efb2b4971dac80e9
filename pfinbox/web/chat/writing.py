"""What a visitor says: messages, and who they are. All of it is kept for the channel."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from pfinbox.domain.contract.webhook import Request
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.web.body import read_body
from pfinbox.web.chat import visitors
from pfinbox.web.chat.visits import chat_of, may_write, said, told, visited
from pfinbox.web.hooks.keeper import KEEPER
from pfinbox.web.site import SITE, Chat

_LARGEST = 15 << 20
_LARGEST_CARD = 4_000
# Bytes a second of the slowest line.
_SLOWEST = 20_000
# It becomes a key, of both databases.
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST = 20_000
_MOST_FILES = 5
_LONGEST_NAME, _LONGEST_EMAIL = 100, 200


def add_routes(app: web.Application) -> None:
    app.router.add_post("/chat/{account}/messages", _write)
    app.router.add_post("/chat/{account}/me", _introduce)
    app.router.add_post("/chat/{account}/token", _token)


async def _write(request: web.Request) -> web.Response:
    """Keep a message for the channel; the first one makes a visitor, and answers a token."""
    chat = chat_of(request)
    if (refused := may_write(request)) is not None:
        return refused
    seconds = request.app[SITE].patience + (request.content_length or 0) / _SLOWEST
    given = told(await read_body(request, _LARGEST, seconds))
    message = _message(given)
    visitor = _who(chat, given) if message is not None else None
    if message is None or visitor is None:
        return said(422, "not understood")
    if (refused := may_write(request, visitor)) is not None:
        return refused
    return await keep(request, chat, visitor, message)


async def _introduce(request: web.Request) -> web.Response:
    """Keep a visitor's name and address, which prove nothing."""
    here, chat = visited(request), chat_of(request)
    if (refused := may_write(request, here.visitor)) is not None:
        return refused
    given = told(await read_body(request, _LARGEST_CARD, request.app[SITE].patience))
    who = texts(given, ("id", "name", "email"))
    if who is None or not ID.fullmatch(who["id"]) or not (who["name"] or who["email"]):
        return said(422, "not understood")
    return await keep(request, chat, here.visitor, {"kind": "introduction", **who})


async def _token(request: web.Request) -> web.Response:
    """A token for whom the site vouches, so that they read on before they write."""
    chat = chat_of(request)
    if (refused := may_write(request)) is not None:
        return refused
    given = told(await read_body(request, _LARGEST_CARD, request.app[SITE].patience))
    visitor = visitors.vouched(chat, given)
    if visitor is None:
        return said(422, "not understood")
    return web.json_response({"token": visitors.token_of(chat, visitor)})


async def keep(
    request: web.Request, chat: Chat, visitor: str, what: dict[str, Any]
) -> web.Response:
    """Keep what a visitor says for the channel, and answer the visitor's token."""
    told = json.dumps({**what, "visitor": visitor}, ensure_ascii=False)
    body = told.encode("utf-8", "replace")
    kept = Request(method="POST", rest="", body=body, received_at=datetime.now(UTC))
    # The same id with other words is no repeat (R12).
    key = hashlib.sha256(body).hexdigest()
    if not await request.app[KEEPER].keep(Pushed(chat.account, key, kept)):
        return said(503, "busy")
    return web.json_response({"ok": True, "token": visitors.token_of(chat, visitor)})


def _who(chat: Chat, given: dict[str, Any]) -> str | None:
    """Whose message it is; None where a token or a site's word is wrong."""
    identity, token = given.get("identity"), given.get("token")
    if isinstance(identity, dict) and identity.get("user"):
        return visitors.vouched(chat, identity)
    if token:
        return visitors.by_token(chat, token) if isinstance(token, str) else None
    return visitors.new(chat, given.get("first"))


def _message(given: dict[str, Any]) -> dict[str, Any] | None:
    """A message as the window sends it; None for anything else."""
    words = texts(given, ("id", "text", "name", "email"))
    files = given.get("files") or []
    if words is None or not isinstance(files, list) or len(files) > _MOST_FILES:
        return None
    if not ID.fullmatch(words["id"]) or len(words["text"]) > LONGEST:
        return None
    if not (words["text"].strip() or files) or not all(_is_file(one) for one in files):
        return None
    return {**words, "files": files}


def texts(given: dict[str, Any], names: tuple[str, ...]) -> dict[str, str] | None:
    """These texts of a request, empty where they are not given; None where one is no text."""
    found = {name: given.get(name) or "" for name in names}
    if not all(isinstance(one, str) for one in found.values()):
        return None
    most = {"name": _LONGEST_NAME, "email": _LONGEST_EMAIL}
    return found | {name: found[name].strip()[: most[name]] for name in most if name in found}


def _is_file(given: object) -> bool:
    if not isinstance(given, dict) or set(given) != {"name", "type", "base64"}:
        return False
    if not all(isinstance(value, str) for value in given.values()):
        return False
    try:
        return bool(base64.b64decode(given["base64"], validate=True))
    except ValueError:
        return False
