"""The website chat: a launcher for any site, the window behind it, and what the window asks for."""

from aiohttp import web

from pfinbox.web.chat import changing, files, hearing, pages, visits, writing


def add_routes(app: web.Application) -> None:
    visits.add_budgets(app)
    for part in (pages, writing, changing, hearing, files):
        part.add_routes(app)
