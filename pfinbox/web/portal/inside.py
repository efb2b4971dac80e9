"""What all pages of a contact who is signed in have: the menu, the time, a form that is written."""

import secrets
from collections.abc import Mapping, Sequence

from aiohttp import web

from pfinbox.domain.contract.files import File
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services.portal.writing import Written
from pfinbox.web.forms import Form
from pfinbox.web.pages import page
from pfinbox.web.portal.visiting import VISIT
from pfinbox.web.site import INBOX, SITE
from pfinbox.wording.names import byte_size
from pfinbox.wording.times import Clock


def inside(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    values: Mapping[str, object] | None = None,
    **more: object,
) -> web.Response:
    """A page with the menu."""
    visit = request[VISIT]
    return page(
        request,
        template,
        status=status,
        visit=visit,
        menu=_menu() if visit.who.actor.task_id is None else (),
        here=request.path,
        **(values or {}),
        **more,
    )


def _menu() -> Sequence[tuple[str, str]]:
    return (
        ("/p/", _("Conversations")),
        ("/p/new", _("Write to us")),
        ("/p/me", _("Settings")),
    )


def clock(request: web.Request) -> Clock:
    """The present, in the zone of the machine that serves the page."""
    return Clock(request.app[INBOX].store.clock())


def company(request: web.Request) -> str:
    portal = request.app[SITE].portal
    return portal.title if portal is not None else ""


def form_values(
    request: web.Request, form: Form | None = None, wrong: Refused | None = None
) -> dict[str, object]:
    """What a form to write in is made of: empty, or as it was sent with what is wrong."""
    limit = upload_limit(request)
    return {
        "nonce": secrets.token_hex(16),
        "text": form.text("text") if form is not None else "",
        "wrong": str(wrong) if wrong is not None else "",
        "limit": limit,
        "limit_words": _("at most {size} together").format(size=byte_size(limit)),
    }


def too_large() -> Refused:
    """What is wrong where the words are kept and the files are not."""
    return Refused(_("These files are too large."))


def upload_limit(request: web.Request) -> int:
    portal = request.app[SITE].portal
    return portal.upload_limit if portal is not None else 0


def written(form: Form) -> Written:
    """What the form says."""
    files = [
        File(one.name or "file", one.media_type.partition(";")[0].strip(), one.content)
        for one in form.files
        if one.name or one.content
    ]
    return Written(form.text("nonce"), form.text("text"), files, form.text("subject"))
