"""The website chat: a launcher for any site, the window behind it, and what the window asks for."""

from aiohttp import web

from pfinbox.web.chat.pages import add_routes as _pages
from pfinbox.web.chat.talking import add_routes as _talking


def add_routes(app: web.Application) -> None:
    _pages(app)
    _talking(app)
