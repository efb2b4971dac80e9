"""Whose request it is, and how often they may ask."""

import json
import time
from typing import Any

from aiohttp import web

from pfinbox.services.chat.reading import Visited
from pfinbox.web.body import read_body
from pfinbox.web.budget import Budget
from pfinbox.web.chat import visitors
from pfinbox.web.network import network_of
from pfinbox.web.origins import is_own
from pfinbox.web.site import SITE, Chat

# Messages of one visitor, and of one network: a quick writer, not a program.
_RATE, _BURST = 0.5, 30.0
# What a window tells by itself: seen, writing.
_SIGN_RATE, _SIGN_BURST = 1.0, 30.0
_LARGEST_SIGN = 4_000

WRITING = web.AppKey("chat writing", Budget)
SIGNS = web.AppKey("chat signs", Budget)


def add_budgets(app: web.Application) -> None:
    app[WRITING] = Budget(_RATE, _BURST, time.monotonic)
    app[SIGNS] = Budget(_SIGN_RATE, _SIGN_BURST, time.monotonic)


def chat_of(request: web.Request) -> Chat:
    """The chat of the path; 404 for any other account."""
    found = request.app[SITE].chats.get(request.match_info["account"])
    if found is None:
        raise web.HTTPNotFound
    return found


def visited(request: web.Request) -> Visited:
    """Whose token the request has; 401 without one of ours."""
    chat = chat_of(request)
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    visitor = visitors.by_token(chat, token)
    if visitor is None:
        raise web.HTTPUnauthorized
    return Visited(chat.account, visitor)


def may_write(request: web.Request, visitor: str | None = None) -> web.Response | None:
    """What a request is answered that is another page's, or one too many; None: it may."""
    if not is_own(request):
        return said(403, "from another page")
    who = visitor if visitor is not None else network_of(request)
    if not request.app[WRITING].spend(who):
        return said(429, "too often")
    return None


async def sign(request: web.Request) -> tuple[Visited, dict[str, Any]]:
    """What a window tells by itself, and whose window it is."""
    here = visited(request)
    if not is_own(request):
        raise web.HTTPForbidden
    if not request.app[SIGNS].spend(here.visitor):
        raise web.HTTPTooManyRequests
    body = await read_body(request, _LARGEST_SIGN, request.app[SITE].patience)
    return here, told(body)


def told(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; empty for anything else."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def said(status: int, problem: str) -> web.Response:
    return web.json_response({"ok": False, "error": problem}, status=status)
