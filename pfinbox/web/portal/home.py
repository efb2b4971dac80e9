"""The first page: a contact's tasks; whoever is not signed in is asked for an address."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from pfinbox.i18n import _
from pfinbox.services.portal import reading
from pfinbox.store.rows import PortalPlace
from pfinbox.web.pages import see_other
from pfinbox.web.portal import signing_in, views, visiting
from pfinbox.web.portal.inside import clock, inside
from pfinbox.web.portal.visiting import VISIT

_SHOW = {"open": True, "finished": False}


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
    return await visiting.serve(request, visit, _tasks)


async def _tasks(request: web.Request) -> web.StreamResponse:
    """All tasks or some, the last spoken in first; ``q``: words in them."""
    visit = request[VISIT]
    if visit.who.actor.task_id is not None:
        # A link from a mail shows one conversation.
        return see_other(views.task_path(visit.who.actor.task_id))
    which = request.query.get("show", "")
    query = request.query.get("q", "").strip()
    found = await visit.inbox.read(
        reading.contact_tasks,
        active=_SHOW.get(which),
        query=query,
        after=_place(request.query.get("after", "")),
    )
    asked = {"show": which if which in _SHOW else "", "q": query}
    return inside(
        request,
        "tasks.html",
        tasks=views.tasks(found.rows, clock(request)),
        query=query,
        which=asked["show"],
        choices=[
            (_path(asked | {"show": show}), words, show == asked["show"])
            for show, words in (
                ("", _("All")),
                ("open", _("Still open")),
                ("finished", _("Finished")),
            )
        ],
        more=_path(asked | {"after": _token(found.after)}) if found.after else "",
        done=_("We have your message.") if "sent" in request.query else "",
    )


def _path(asked: dict[str, str]) -> str:
    values = {name: value for name, value in asked.items() if value}
    return f"/p/?{urlencode(values)}" if values else "/p/"


def _token(place: PortalPlace) -> str:
    since = place.since.timestamp()
    values = [place.at.timestamp(), place.comment_id, since, *place.left]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _place(token: str) -> PortalPlace | None:
    """Where the page before ended; the first page for anything else."""
    try:
        at, comment_id, since, *left = json.loads(base64.urlsafe_b64decode(token.encode()))
        return PortalPlace(_moment(at), _id(comment_id), _moment(since), tuple(map(_id, left)))
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _id(value: Any) -> int:
    """An id as databases have them."""
    if not 0 <= (number := int(value)) < 1 << 63:
        raise ValueError(value)
    return number
