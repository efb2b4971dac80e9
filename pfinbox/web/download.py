"""A file as an answer that no browser runs: what it is, only its sender says."""

from urllib.parse import quote

from aiohttp import web

from pfinbox.domain.contract.files import File

# Shown in place, if asked for; anything else is saved. No SVG and no HTML: both hold scripts.
_SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp")
_SAVED = "application/octet-stream"


def download(file: File, *, in_place: bool = False) -> web.Response:
    """The file as an attachment; ``in_place``: a picture may be shown in a page."""
    shown = in_place and file.media_type in _SHOWN
    response = web.Response(
        body=file.content, content_type=file.media_type if file.media_type in _SHOWN else _SAVED
    )
    kind = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = (
        f"{kind}; filename*=UTF-8''{quote(file.name, safe='')}"
    )
    # Even where a browser shows it all the same, nothing in it may run.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
