"""Which page sent a form."""

from aiohttp import web

from pfinbox.web.site import SITE


def is_own(request: web.Request) -> bool:
    """Whether a form was sent by a page of ours, as far as the browser says.

    Host is never asked: whoever makes the request chooses it.
    """
    base_url = request.app[SITE].base_url
    headers = request.headers
    if headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    if (origin := headers.get("Origin")) is not None:
        return origin == base_url
    # Browsers send one of the two; programs that send neither carry no other site's cookies.
    referer = headers.get("Referer")
    return referer is None or referer == base_url or referer.startswith(f"{base_url}/")
