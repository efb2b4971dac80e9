"""Files of a visitor's chat, and the pictures of agents."""

from aiohttp import web

from pfinbox.domain.contract.files import File
from pfinbox.services.chat import reading
from pfinbox.web.chat.visits import chat_of, visited
from pfinbox.web.download import download
from pfinbox.web.site import INBOX


def add_routes(app: web.Application) -> None:
    app.router.add_get(r"/chat/{account}/files/{id:\d{1,18}}", _file)
    app.router.add_get(r"/chat/{account}/people/{sha256:[0-9a-f]{64}}", _picture)


async def _file(request: web.Request) -> web.Response:
    row, content = await request.app[INBOX].read(
        reading.file, visited(request), int(request.match_info["id"])
    )
    return download(File(row.name, row.media_type, content))


async def _picture(request: web.Request) -> web.Response:
    """Whoever knows what is in it may see it; another picture has another address."""
    chat_of(request)
    media_type, content = await request.app[INBOX].read(
        reading.picture, request.match_info["sha256"]
    )
    response = download(File("picture", media_type, content), in_place=True)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
