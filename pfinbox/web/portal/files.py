"""Files of comments, handed out so that nothing in them is run as a page of ours."""

from urllib.parse import quote

from aiohttp import web

from pfinbox.services.portal import reading
from pfinbox.web.portal.visiting import VISIT, signed_in

# Shown by the browser itself; everything else is saved. No SVG: it can hold a script.
_SHOWN = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get(r"/p/f/{id:\d{1,18}}/{name}", signed_in(_file))


async def _file(request: web.Request) -> web.StreamResponse:
    """By what the file is, not by what it is called."""
    visit = request[VISIT]
    file, content = await visit.inbox.read(reading.contact_file, int(request.match_info["id"]))
    kind = next((one for start, one in _SHOWN.items() if content.startswith(start)), None)
    how = "inline" if kind is not None else "attachment"
    name = quote(file.name.replace("/", "_").replace("\\", "_"), safe="")
    headers = {"Content-Disposition": f"{how}; filename*=UTF-8''{name}"}
    return web.Response(
        body=content,
        content_type=kind or "application/octet-stream",
        headers=_HEADERS | headers,
    )
