"""The first page: whoever is not signed in is asked for an address."""

from aiohttp import web

from pfinbox.web.pages import page, see_other
from pfinbox.web.portal import signing_in, visiting


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get("/", _to_first)
    router.add_get("/p", _to_first)
    router.add_get("/p/", _first)


async def _to_first(request: web.Request) -> web.StreamResponse:
    return see_other("/p/")


async def _first(request: web.Request) -> web.StreamResponse:
    visit = await visiting.find(request)
    if visit is None:
        return await signing_in.asking(request)
    return await visiting.serve(request, visit, _home)


async def _home(request: web.Request) -> web.StreamResponse:
    return page(request, "home.html", visit=request[visiting.VISIT])
