"""One conversation: read, written in, solved; and a new one (R36, R37)."""

from collections.abc import Mapping

from aiohttp import web

from pfinbox.errors import NotFound, Refused
from pfinbox.i18n import _
from pfinbox.services.portal import changing, reading, writing
from pfinbox.store.rows import PortalConversation
from pfinbox.web.forms import FilesTooLarge
from pfinbox.web.pages import see_other
from pfinbox.web.portal import views
from pfinbox.web.portal.inside import (
    clock,
    company,
    form_values,
    inside,
    too_large,
    upload_limit,
    written,
)
from pfinbox.web.portal.visiting import VISIT, by_address, signed_in
from pfinbox.web.rendering import html
from pfinbox.web.site import SITE
from pfinbox.wording.portal import standing, task_title

# No number is longer; SQLite and PostgreSQL count so far.
ID = r"{id:\d{1,18}}"


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get(f"/p/t/{ID}", signed_in(_show))
    router.add_post(f"/p/t/{ID}", by_address(_write))
    router.add_post(f"/p/t/{ID}/solved", by_address(_solved))
    router.add_get(f"/p/t/{ID}/c/{{comment:\\d{{1,18}}}}", signed_in(_whole))
    router.add_get("/p/new", by_address(_new))
    router.add_post("/p/new", by_address(_open))


def task_id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _show(request: web.Request) -> web.StreamResponse:
    before = request.query.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= 18):
        raise web.HTTPNotFound
    found = await request[VISIT].inbox.read(
        reading.contact_conversation, task_id(request), before=int(before) if before else None
    )
    done = {
        "sent": _("Your message is here. You can add to it at any time."),
        "solved": _("Thank you. If you write again, the conversation goes on."),
    }.get(next(iter(request.query), ""), "")
    return _page(request, found, done=done)


def _page(
    request: web.Request,
    found: PortalConversation,
    *,
    status: int = 200,
    done: str = "",
    form: Mapping[str, object] | None = None,
) -> web.Response:
    task, linked = found.task, request[VISIT].who.actor.task_id is not None
    path = views.task_path(task.id)
    comments, before = views.comments(found, company(request), clock(request))
    return inside(
        request,
        "conversation.html",
        status=status,
        title=html(task_title(task)),
        path=path,
        comments=comments,
        before=f"{path}?before={before}" if before is not None else "",
        later=path if found.later else "",
        # Older pages do not change under their reader.
        live="" if found.later else f"{path}/news",
        state=views.state(views.marks(found)),
        standing=html(standing(task)),
        may_solve=task.active and task.own,
        may_write=not linked and not found.later,
        linked=linked,
        done=done,
        values=form or form_values(request),
    )


async def _write(request: web.Request) -> web.StreamResponse:
    visit, here = request[VISIT], task_id(request)
    try:
        form = await visit.form(request, upload_limit(request))
        landed = await visit.inbox.write(writing.comment, here, written(form))
    except NotFound:
        raise
    except FilesTooLarge as error:
        values, status = form_values(request, error.form, too_large()), 413
    except Refused as refused:
        values, status = form_values(request, form, refused), 422
    else:
        return _sent(landed)
    found = await visit.inbox.read(reading.contact_conversation, here)
    return _page(request, found, status=status, form=values)


def _sent(landed: int | None) -> web.Response:
    return see_other(f"{views.task_path(landed)}?sent" if landed is not None else "/p/?sent")


async def _solved(request: web.Request) -> web.StreamResponse:
    visit, here = request[VISIT], task_id(request)
    await visit.form(request)
    await visit.inbox.write(changing.solve, here)
    return see_other(f"{views.task_path(here)}?solved")


async def _whole(request: web.Request) -> web.StreamResponse:
    """One comment with all its words, in parts where there are many."""
    here, part = task_id(request), _part(request.query.get("part", "1"))
    found, row = await request[VISIT].inbox.read(
        reading.contact_comment, here, int(request.match_info["comment"])
    )
    one = views.comment(row, found.id, company(request), clock(request), part=part - 1)
    if part > one.parts:
        raise web.HTTPNotFound
    return inside(
        request,
        "whole.html",
        title=html(task_title(found)),
        one=one,
        part=_("Part {number} of {count}").format(number=part, count=one.parts),
        earlier=f"{request.path}?part={part - 1}" if part > 1 else "",
        later=f"{request.path}?part={part + 1}" if part < one.parts else "",
        back=views.task_path(found.id),
    )


def _part(asked: str) -> int:
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 6 and int(asked)):
        raise web.HTTPNotFound
    return int(asked)


async def _new(request: web.Request) -> web.StreamResponse:
    return inside(request, "new.html", subject="", values=form_values(request))


async def _open(request: web.Request) -> web.StreamResponse:
    visit, portal = request[VISIT], request.app[SITE].portal
    account = portal.new_task_account if portal is not None else None
    try:
        form = await visit.form(request, upload_limit(request))
        return _sent(await visit.inbox.write(writing.open_task, account, written(form)))
    except FilesTooLarge as error:
        form, refused, status = error.form, too_large(), 413
    except Refused as error:
        refused, status = error, 422
    values, subject = form_values(request, form, refused), form.text("subject")
    return inside(request, "new.html", status=status, subject=subject, values=values)
