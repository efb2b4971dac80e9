"""Signing in by an e-mailed link, and signing out (R40)."""

import re

from aiohttp import web

from pfinbox.services.people import portal_sessions, signing_in
from pfinbox.web import forms
from pfinbox.web.network import network_of
from pfinbox.web.pages import LANGUAGE, page, see_other
from pfinbox.web.portal import visiting
from pfinbox.web.portal.visiting import VISIT, by_address, signed_in
from pfinbox.web.site import INBOX, SITE

_NUMBER = re.compile(r"[0-9]{1,15}")
# On the page of a link: no path of ours may travel anywhere, as it holds the token.
_NO_PATH = {"Referrer-Policy": "strict-origin"}


def add_routes(router: web.UrlDispatcher) -> None:
    # Also for whoever is in by a link that shows one task alone.
    router.add_get("/p/sign-in", asking)
    router.add_post("/p/sign-in", _ask)
    router.add_get("/p/sent", _sent)
    router.add_get("/p/in/{token}", _link)
    router.add_post("/p/in/{token}", _spend)
    router.add_post("/p/sign-out", signed_in(_sign_out))
    router.add_post("/p/sign-out-everywhere", by_address(_sign_out_everywhere))


async def asking(request: web.Request, *, status: int = 200, **values: object) -> web.Response:
    """The page that asks for an address."""
    to = task_meant(request.query.get("to", "")) or ""
    given = {"wrong": False, "typed": "", "stale": False, "to": to, **values}
    return page(request, "sign_in.html", status=status, **given)


async def _ask(request: web.Request) -> web.StreamResponse:
    portal = request.app[SITE].portal
    if portal is None or not portal.self_sign_in:
        raise web.HTTPNotFound
    form = await forms.read_form(request)
    typed, to = form.text("address").strip(), task_meant(form.text("to"))
    try:
        network, language = network_of(request), request[LANGUAGE]
        allowed = await request.app[INBOX].write(signing_in.ask, typed, network, language, to)
    except ValueError:
        wrong = {"wrong": True, "typed": typed[:200], "to": to or ""}
        return await asking(request, status=422, **wrong)
    if not allowed:
        raise web.HTTPTooManyRequests
    return see_other("/p/sent")


def task_meant(text: str) -> int | None:
    """The task whose page somebody wants who is not signed in yet, by its number."""
    return int(text) if _NUMBER.fullmatch(text) else None


async def _sent(request: web.Request) -> web.Response:
    return page(request, "sent.html")


async def _link(request: web.Request) -> web.StreamResponse:
    """Mail scanners open links, too: only the button uses one."""
    if await request.app[INBOX].read(signing_in.is_good, request.match_info["token"]):
        response = page(request, "link.html", path=request.path)
        response.headers.update(_NO_PATH)
        return response
    return await _stale(request)


async def _spend(request: web.Request) -> web.StreamResponse:
    inbox = request.app[INBOX]
    before = await visiting.find(request)
    who = before.who if before is not None else None
    entered = await inbox.write(signing_in.spend, request.match_info["token"], who)
    if entered is None:
        return await _stale(request)
    response = see_other(f"/p/t/{entered.task_id}" if entered.task_id is not None else "/p/")
    if entered.session is not None:
        visiting.sign_in(response, entered.session)
    return response


async def _stale(request: web.Request) -> web.StreamResponse:
    """A link that is used up, in the browser that used it, leads to the page."""
    if await visiting.find(request) is not None:
        return see_other("/p/")
    response = await asking(request, status=410, stale=True)
    response.headers.update(_NO_PATH)
    return response


async def _sign_out(request: web.Request) -> web.StreamResponse:
    await request[VISIT].form(request)
    await request.app[INBOX].write(portal_sessions.sign_out, request[VISIT].who.session_id)
    return _out()


async def _sign_out_everywhere(request: web.Request) -> web.StreamResponse:
    visit = request[VISIT]
    await visit.form(request)
    await visit.inbox.write(portal_sessions.sign_out_everywhere, visit.who.contact_id)
    return _out()


def _out() -> web.StreamResponse:
    response = see_other("/p/")
    visiting.sign_out(response)
    return response
