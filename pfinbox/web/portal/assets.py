"""The style sheet, the script and the logo: the same for everybody, and kept by browsers."""

from importlib.resources import files

from aiohttp import web

from pfinbox.web.site import SITE

# Their addresses carry a hash of what they hold, so that a new version has a new address.
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}
STYLE = "".join(
    files("pfinbox.web").joinpath(name).read_text(encoding="utf-8")
    for name in ("style.css", "talk.css")
)
SCRIPT = files("pfinbox.web").joinpath("page.js").read_text(encoding="utf-8")


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get("/p/style.css", _style)
    router.add_get("/p/page.js", _script)
    router.add_get("/p/logo", _logo)
    # Asked for by every browser where a page names no icon.
    router.add_get("/favicon.ico", _no_icon)


async def _style(request: web.Request) -> web.Response:
    portal = request.app[SITE].portal
    accent = portal.accent if portal is not None else ""
    text = STYLE.replace("#0a5c8a", accent)
    return web.Response(text=text, content_type="text/css", charset="utf-8", headers=_KEPT)


async def _script(request: web.Request) -> web.Response:
    kind = "text/javascript"
    return web.Response(text=SCRIPT, content_type=kind, charset="utf-8", headers=_KEPT)


async def _logo(request: web.Request) -> web.Response:
    portal = request.app[SITE].portal
    if portal is None or portal.logo is None:
        raise web.HTTPNotFound
    media_type, content = portal.logo
    return web.Response(body=content, content_type=media_type, headers=_KEPT)


async def _no_icon(request: web.Request) -> web.Response:
    return web.Response(status=204, headers=_KEPT)
