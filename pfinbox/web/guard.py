"""What stands before every page: headers, errors as pages, the reader's language."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from pfinbox.errors import NotFound, PfinboxError, Refused, StoreBusy, StoreError
from pfinbox.i18n import _, speaking
from pfinbox.web import origins
from pfinbox.web.pages import LANGUAGE, page, reader_language
from pfinbox.web.site import SITE

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    # Nothing from anywhere else, no script inside a page, no frame around one.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # With "no-referrer" browsers would send forms with "Origin: null".
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The back button on a shared computer shows nothing after signing out.
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not which versions of what.
    "Server": "pfinbox",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer in the reader's language, with the headers; whatever goes wrong is a page, too."""
    request[LANGUAGE] = reader_language(request)
    with speaking(request[LANGUAGE]):
        try:
            if _is_form(request) and not origins.is_own(request):
                raise web.HTTPForbidden
            response = await handler(request)
        except web.HTTPException as error:
            response = _problem(request, error.status)
        except PfinboxError as error:
            response = _refused(request, error)
        except TimeoutError:
            response = _problem(request, 408)
        except ConnectionError:
            raise
        except Exception:
            # A fault of ours: whoever reads the page is told so in words.
            log.exception("%s %s failed", request.method, request.path)
            response = _problem(request, 500)
    if not response.prepared:
        add_headers(response)
    return response


def _is_form(request: web.Request) -> bool:
    """Whether something is sent to a client's page, where a browser's cookie says who sends."""
    return request.path.startswith("/p/") and request.method not in ("GET", "HEAD")


def add_headers(response: web.StreamResponse) -> None:
    """The headers of every answer; what the handler has set stays. A stream adds them itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "frame-ancestors 'none'" not in response.headers["Content-Security-Policy"]:
        # It knows no list of sites.
        del response.headers["X-Frame-Options"]


def _refused(request: web.Request, error: PfinboxError) -> web.Response:
    if isinstance(error, NotFound):
        return _problem(request, 404)
    if isinstance(error, Refused):
        return problem(request, 422, str(error))
    if isinstance(error, StoreError):
        # What the database says is for those who run it.
        log.warning("%s: %s", request.path, error)
        return _problem(request, 503 if isinstance(error, StoreBusy) else 500)
    raise error


def _problem(request: web.Request, status: int) -> web.Response:
    sentences = {
        400: _("The page could not be asked for like that."),
        403: _("This came from another page. Please go back, load the page again and repeat it."),
        404: _("There is no such page."),
        408: _("That took too long. Please try again."),
        413: _("That is too large."),
        429: _("That was too often. Please try again in an hour."),
        500: _("Something went wrong on our side. Please try again later."),
        503: _("We are busy just now. Please try again in a minute."),
    }
    return problem(request, status, sentences.get(status, sentences[400]))


def problem(request: web.Request, status: int, sentence: str) -> web.Response:
    """A page that says in one sentence what is wrong."""
    if request.app[SITE].portal is None:
        # Only programs come here.
        response = web.Response(text=sentence, status=status)
    else:
        response = page(request, "problem.html", status=status, sentence=sentence)
    if status in (408, 413):
        # What is still on its way is not waited for.
        response.force_close()
    return response
