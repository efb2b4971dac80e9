"""The launcher that a site includes with one line, and the window that it opens."""

from datetime import UTC, datetime
from importlib.resources import files
from string import Template

from aiohttp import web
from markupsafe import Markup, escape

from pfinbox.i18n import LANGUAGES, _, speaking
from pfinbox.services.chat import reading
from pfinbox.web.chat.presence import back_at, is_away
from pfinbox.web.chat.visits import chat_of
from pfinbox.web.chat.words import window_words
from pfinbox.web.pages import LANGUAGE
from pfinbox.web.site import INBOX, SITE

_FOLDER = files("pfinbox.web.chat")
_WIDGET = _FOLDER.joinpath("widget.js").read_text(encoding="utf-8")
_SCRIPT = _FOLDER.joinpath("window.js").read_text(encoding="utf-8")
_STYLE = _FOLDER.joinpath("window.css").read_text(encoding="utf-8")
_WINDOW = Template(_FOLDER.joinpath("window.html").read_text(encoding="utf-8"))
# A site shows what is current, and asks for it once an hour.
_KEPT = {
    "Cache-Control": "public, max-age=3600",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Vary": "Accept-Language",
}


def add_routes(app: web.Application) -> None:
    app.router.add_get("/chat/{account}/widget.js", _widget)
    app.router.add_get("/chat/{account}/window.js", _script)
    app.router.add_get("/chat/{account}/window.css", _style)
    app.router.add_get("/chat/{account}/", _window)


async def _widget(request: web.Request) -> web.Response:
    chat = chat_of(request)
    words = {
        "window": f"{request.app[SITE].base_url}/chat/{chat.account}/",
        "label": _("Chat with us"),
        # A screen reader says it with the label.
        "unseen": _("Chat with us, new messages: {n}"),
    }
    text = _WIDGET
    for name, value in words.items():
        text = text.replace("{{" + name + "}}", value.replace("\\", "").replace('"', "'"))
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
    """The chat itself: in a frame of the sites that may show it, or as a page of its own.

    In the language that the site names, else in the browser's.
    """
    chat, now = chat_of(request), datetime.now(UTC)
    language = request.query.get("lang", "")[:2].lower()
    language = language if language in LANGUAGES else request[LANGUAGE]
    away, back = await is_away(request.app[INBOX], chat, now), back_at(chat, now)
    with speaking(language):
        mails = await request.app[INBOX].read(reading.mails, chat.account)
        words = window_words(chat, request.app[SITE].company, mails=mails)
    words |= {
        "lang": language,
        "mails": "yes" if mails else "",
        "away": "" if away else Markup("hidden"),
        "back_at": f"{back:%Y-%m-%dT%H:%M:%SZ}" if back is not None else "",
    }
    text = _WINDOW.substitute({name: escape(value) for name, value in words.items()})
    response = web.Response(text=text, content_type="text/html", charset="utf-8")
    ancestors = " ".join(chat.origins) or "'none'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )
    return response
