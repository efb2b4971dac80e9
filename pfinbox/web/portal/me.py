"""What a contact says of themselves: name and language."""

from aiohttp import web

from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services.portal import changing, reading
from pfinbox.web.pages import see_other
from pfinbox.web.portal.inside import inside
from pfinbox.web.portal.visiting import VISIT, by_address

# Each by its own name.
_LANGUAGES = (("en", "English"), ("pl", "Polski"), ("ru", "Русский"))


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get("/p/me", by_address(_show))
    router.add_post("/p/me", by_address(_change))


async def _show(request: web.Request) -> web.StreamResponse:
    card = await request[VISIT].inbox.read(reading.contact)
    done = _("Saved.") if "saved" in request.query else ""
    return _page(request, name=card.name, chosen=card.language, done=done)


def _page(request: web.Request, *, status: int = 200, **values: object) -> web.Response:
    given = {"languages": _LANGUAGES, "done": "", "wrong": "", **values}
    return inside(request, "me.html", status=status, values=given)


async def _change(request: web.Request) -> web.StreamResponse:
    visit = request[VISIT]
    form = await visit.form(request)
    name, language = form.text("name"), form.text("language")
    try:
        await visit.inbox.write(changing.introduce, name, language)
    except (Refused, UsageError) as wrong:
        return _page(request, status=422, name=name[:200], chosen=language, wrong=str(wrong))
    return see_other("/p/me?saved")
