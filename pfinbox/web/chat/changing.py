"""A visitor changes a message of their own for a while, or takes it back (R11)."""

from aiohttp import web

from pfinbox.services.chat import reading
from pfinbox.web.body import read_body
from pfinbox.web.chat.visits import chat_of, may_write, said, told, visited
from pfinbox.web.chat.writing import ID, LONGEST, keep, texts
from pfinbox.web.site import INBOX, SITE

_LARGEST = 200_000


def add_routes(app: web.Application) -> None:
    app.router.add_post("/chat/{account}/edit", _edit)
    app.router.add_post("/chat/{account}/delete", _delete)


async def _edit(request: web.Request) -> web.Response:
    return await _change(request, "edit")


async def _delete(request: web.Request) -> web.Response:
    return await _change(request, "deletion")


async def _change(request: web.Request, kind: str) -> web.Response:
    """``of``: the window's own id of the message, which says nothing of anybody else's."""
    here, chat = visited(request), chat_of(request)
    if (refused := may_write(request, here.visitor)) is not None:
        return refused
    given = told(await read_body(request, _LARGEST, request.app[SITE].patience))
    change = texts(given, ("id", "of", "text"))
    if change is None or not (ID.fullmatch(change["id"]) and ID.fullmatch(change["of"])):
        return said(422, "not understood")
    if kind == "edit" and not 0 < len(change["text"].strip()) <= LONGEST:
        return said(422, "not understood")
    seconds = await request.app[INBOX].read(reading.editable, here, change["of"])
    if seconds is None:
        return said(404, "no such message")
    if kind == "edit" and not seconds:
        return said(409, "too late")
    return await keep(request, chat, here.visitor, {"kind": kind, **change})
