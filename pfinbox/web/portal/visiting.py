"""Who is at a page: the session's cookie, and the token that its forms carry."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from functools import wraps

from aiohttp import web

from pfinbox.domain.people.signing_in import IDLE, Visitor
from pfinbox.i18n import speaking
from pfinbox.record import record
from pfinbox.services.inbox import ContactInbox
from pfinbox.services.people import portal_sessions
from pfinbox.web import forms
from pfinbox.web.forms import Form
from pfinbox.web.pages import LANGUAGE, see_other
from pfinbox.web.site import INBOX

# The browser takes it from this host alone, over TLS (or loopback), for every path.
COOKIE = "__Host-pfinbox"
FIELD = "form_token"


@record
class Visit:
    """A contact who is signed in; ``form_token`` stands in every form of the page.

    ``renewed``: the session's own token where it lasts longer from now on.
    """

    who: Visitor
    inbox: ContactInbox
    form_token: str
    renewed: str | None = None

    async def form(self, request: web.Request, files: int = 0) -> Form:
        """The form that was sent; 403 without this session's token."""
        return await forms.read_form(request, self._check, files)

    def _check(self, form: Form) -> None:
        given = form.fields.get(FIELD, "")
        if not hmac.compare_digest(given.encode(), self.form_token.encode()):
            raise web.HTTPForbidden


VISIT = web.RequestKey("visit", Visit)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def find(request: web.Request) -> Visit | None:
    """Who is there; asked again within 5 s by whatever lasts longer, as sessions end meanwhile."""
    token = request.cookies.get(COOKIE, "")
    inbox = request.app[INBOX]
    found = await inbox.read(portal_sessions.visitor, token) if token else None
    if found is None:
        return None
    who, is_news = found
    if is_news:
        await inbox.write(portal_sessions.note_visit, who.session_id)
    renewed = token if is_news else None
    return Visit(who, ContactInbox(inbox.store, who.actor), form_token(token), renewed)


def signed_in(handler: Handler) -> Handler:
    """A handler for contacts who are signed in; others are asked to sign in."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        visit = await find(request)
        if visit is None:
            if request.method == "POST":
                raise web.HTTPForbidden
            task_id = request.match_info.get("id") if request.path.startswith("/p/t/") else None
            return see_other(f"/p/?to={task_id}" if task_id is not None else "/p/")
        return await serve(request, visit, handler)

    return guarded


def by_address(handler: Handler) -> Handler:
    """A handler for contacts who signed in by address: a link from a mail only reads its task."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        if request[VISIT].who.actor.task_id is None:
            return await handler(request)
        if request.method == "POST":
            raise web.HTTPForbidden
        return see_other("/p/sign-in")

    return signed_in(guarded)


async def serve(request: web.Request, visit: Visit, handler: Handler) -> web.StreamResponse:
    """What ``handler`` answers to a contact, in the contact's language."""
    request[VISIT] = visit
    request[LANGUAGE] = visit.who.language or request[LANGUAGE]
    with speaking(request[LANGUAGE]):
        response = await handler(request)
    if visit.renewed is not None and not response.prepared and COOKIE not in response.cookies:
        # The browser would forget it 30 days after the sign-in, whenever the last visit was.
        sign_in(response, visit.renewed)
    return response


def form_token(session: str) -> str:
    """Nobody without the cookie knows it, and it tells nothing of the cookie."""
    return hmac.new(session.encode(), b"form", hashlib.sha256).hexdigest()[:32]


def sign_in(response: web.StreamResponse, session: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        COOKIE,
        session,
        max_age=int(IDLE.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def sign_out(response: web.StreamResponse) -> None:
    """Take it away."""
    response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
