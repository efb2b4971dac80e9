"""``/f/TOKEN/NAME``: files for services that take them by address only."""

from aiohttp import web

from pfinbox.services.outbound import publishing
from pfinbox.web.download import download
from pfinbox.web.site import INBOX


def add_routes(app: web.Application) -> None:
    app.router.add_get("/f/{token}/{name}", give)


async def give(request: web.Request) -> web.Response:
    return download(
        await request.app[INBOX].read(publishing.file, request.match_info["token"]), in_place=True
    )
