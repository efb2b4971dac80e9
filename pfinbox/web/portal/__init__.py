"""Clients' own pages (R36-R40)."""

from aiohttp import web

from pfinbox.web.portal import assets


def add_routes(app: web.Application) -> None:
    """The paths under ``/p/``."""
    assets.add_routes(app.router)
