"""The application: what is served at which path, and what guards all of it."""

from aiohttp import web

from pfinbox.services.inbox import ProgramInbox
from pfinbox.web import chat, guard, hooks, live, pages, portal, published
from pfinbox.web.site import INBOX, SITE, Site


def application(inbox: ProgramInbox, site: Site) -> web.Application:
    """The pages over an open store."""
    app = web.Application(middlewares=[guard.guard])
    app[INBOX], app[SITE] = inbox, site
    if site.hooks or site.chats:
        app.cleanup_ctx.append(hooks.keeping)
    if site.hooks:
        app.cleanup_ctx.append(hooks.reachable)
        hooks.add_routes(app)
        published.add_routes(app)
    if site.portal is not None or site.chats:
        live.add_to(app)
    if site.chats:
        chat.add_routes(app)
    if site.portal is not None:
        app[pages.PAGES] = pages.Pages(site.portal)
        portal.add_routes(app)
    return app
