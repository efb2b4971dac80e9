"""Clients' own pages (R36-R40)."""

from aiohttp import web

from pfinbox.web.portal import assets, home, signing_in


def add_routes(app: web.Application) -> None:
    """The paths under ``/p/``."""
    for room in (assets, home, signing_in):
        room.add_routes(app.router)
