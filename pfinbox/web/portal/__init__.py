"""Clients' own pages (R36-R40)."""

from aiohttp import web

from pfinbox.web.portal import assets, conversation, files, home, me, news, signing_in


def add_routes(app: web.Application) -> None:
    """The paths under ``/p/``."""
    for room in (assets, home, signing_in, conversation, files, me, news):
        room.add_routes(app.router)
