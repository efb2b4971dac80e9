"""The launcher that a site includes with one line, and the window that it opens."""

from importlib.resources import files
from string import Template

from aiohttp import web
from markupsafe import escape

from pfinbox.i18n import _
from pfinbox.web.chat.talking import chat_of
from pfinbox.web.pages import LANGUAGE
from pfinbox.web.site import SITE

_FOLDER = files("pfinbox.web.chat")
_WIDGET = _FOLDER.joinpath("widget.js").read_text(encoding="utf-8")
_SCRIPT = _FOLDER.joinpath("window.js").read_text(encoding="utf-8")
_STYLE = _FOLDER.joinpath("window.css").read_text(encoding="utf-8")
_WINDOW = Template(_FOLDER.joinpath("window.html").read_text(encoding="utf-8"))
# A site shows what is current, and asks for it once an hour.
_KEPT = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}


def add_routes(app: web.Application) -> None:
    app.router.add_get("/chat/{account}/widget.js", _widget)
    app.router.add_get("/chat/{account}/window.js", _script)
    app.router.add_get("/chat/{account}/window.css", _style)
    app.router.add_get("/chat/{account}/", _window)


async def _widget(request: web.Request) -> web.Response:
    chat = chat_of(request)
    base = request.app[SITE].base_url
    text = _WIDGET.replace("{{window}}", f"{base}/chat/{chat.account}/").replace(
        "{{label}}", _("Chat with us").replace('"', "'")
    )
    return web.Response(text=text, content_type="text/javascript", charset="utf-8", headers=_KEPT)


async def _script(request: web.Request) -> web.Response:
    chat_of(request)
    return web.Response(
        text=_SCRIPT, content_type="text/javascript", charset="utf-8", headers=_KEPT
    )


async def _style(request: web.Request) -> web.Response:
    chat_of(request)
    portal = request.app[SITE].portal
    accent = portal.accent if portal is not None else "#0a5c8a"
    text = _STYLE.replace("#0a5c8a", accent)
    return web.Response(text=text, content_type="text/css", charset="utf-8", headers=_KEPT)


async def _window(request: web.Request) -> web.Response:
    """The chat itself: in a frame of the sites that may show it, or as a page of its own."""
    chat, site = chat_of(request), request.app[SITE]
    words = {
        "lang": request[LANGUAGE],
        "title": site.company or _("Chat"),
        "greeting": chat.greeting or _("Write to us; we answer here."),
        "write": _("Write to us"),
        "message": _("Your message"),
        "send": _("Send"),
        "files": _("Add files"),
        "name": _("Your name (if you like)"),
        "email": _("Your e-mail address (if you like)"),
        "you": _("You"),
        "us": site.company or _("We"),
        "failed": _("That was not sent. Please try again."),
        "consent": _("What you write is kept by {company}.").format(
            company=site.company or _("this site")
        ),
    }
    text = _WINDOW.substitute({name: escape(value) for name, value in words.items()})
    response = web.Response(text=text, content_type="text/html", charset="utf-8")
    ancestors = " ".join(chat.origins) or "'none'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )
    return response
