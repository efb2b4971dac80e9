"""Every page as everybody: who has access to what, and nobody else (R36, R37, R46)."""

import aiohttp

from pfinbox.domain.actor import SystemActor
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.people import contacts, signing_in
from pfinbox.services.system import configuration
from pfinbox.store.uow import UnitOfWork
from pfinbox.web.app import application
from pfinbox.web.server import Door
from tests.builders import Inbox, a_file
from tests.services.inbound.test_arrival import task_of, the_task
from tests.web.browser import Browser, Page
from tests.web.conftest import BASE, MARIA, SITE, Post
from tests.web.test_signing_in import enter

# Whoever has a session sees their own first page, and may end it.
OWN = {"GET /p/", "POST /p/sign-out"}
# Of Maria's task: who may see it.
TASK = {
    "GET /p/t/{id}", "POST /p/t/{id}", "POST /p/t/{id}/solved", "GET /p/t/{id}/news",
    "GET /p/t/{id}/c/{comment}", "GET /p/f/{id}/{name}",
}  # fmt: skip
# Only who has proven an address, not who came by one task's link.
PERSON = {"GET /p/me", "POST /p/me", "GET /p/new", "POST /p/new", "POST /p/sign-out-everywhere"}
LAST = "POST /p/sign-out-everywhere"
# Anybody's; what stands behind a token has tests of its own.
OPEN = {
    "GET /", "GET /p", "GET /p/style.css", "GET /p/page.js", "GET /p/logo", "GET /favicon.ico",
    "GET /p/sign-in", "POST /p/sign-in", "GET /p/sent", "GET /p/in/{token}", "POST /p/in/{token}",
}  # fmt: skip
WRITING = {"POST /p/t/{id}", "POST /p/t/{id}/solved"}
# Whoever asked says that the question is answered.
SOLVED = {"POST /p/t/{id}/solved"}
# Maria is last: she ends every session of her own, the link's too.
MAY = {
    "nobody": set[str](),
    "who has the link of her task": (OWN | TASK) - WRITING,
    "a stranger with a page": OWN | PERSON,
    "who has a page no more": set[str](),
    "a colleague of hers": (OWN | TASK | PERSON) - SOLVED,
    "Maria": OWN | TASK | PERSON,
}
JAN, EVE, OLGA = "jan@client.example", "eve@else.example", "olga@client.example"


def routes() -> set[str]:
    app = application(ProgramInbox(None, SystemActor("web")), SITE)  # type: ignore[arg-type]
    found = set()
    for route in app.router.routes():
        info = route.resource.get_info() if route.resource is not None else {}
        path = info.get("path") or info.get("formatter") or ""
        # Besides the pages: services' own addresses, which have secrets of their own.
        if route.method != "HEAD" and not path.startswith(("/hooks/", "/f/", "/chat/")):
            found.add(f"{route.method} {path}")
    return found


def test_r46_every_page_says_whose_it_is() -> None:
    assert routes() == OWN | TASK | PERSON | OPEN


async def _clients(inbox: Inbox) -> dict[str, int]:
    """Maria with a file, a colleague of her company, somebody else, and one whose page went."""
    for address in (MARIA, JAN, EVE, OLGA):
        await inbox.mails("Words", sender=address, files=(a_file(),) if address == MARIA else ())
    cards: dict[str, int] = {}
    for number, address in enumerate((MARIA, JAN, EVE, OLGA), 1):
        contact = (await the_task(inbox, await task_of(inbox, number))).contact_id
        assert contact is not None
        cards[address] = contact
        await (
            inbox.acting("anna")
            .agreeing(True)
            .write(
                contacts.set_,
                contact,
                portal=True,
                company="Client Ltd" if address in (MARIA, JAN) else None,
                contacts_see="company" if address == JAN else None,
            )
        )
    return cards


async def _sessions(
    inbox: Inbox, post: Post, door: Door, session: aiohttp.ClientSession
) -> dict[str, Browser]:
    cards = await _clients(inbox)
    url = f"http://{door.address}"
    found = {role: Browser(session, url, BASE) for role in MAY}
    for role, address in (
        ("Maria", MARIA), ("a colleague of hers", JAN), ("a stranger with a page", EVE),
        ("who has a page no more", OLGA),
    ):  # fmt: skip
        await enter(found[role], await post.link(found[role], address))

    async def line(uow: UnitOfWork) -> str:
        web = {"base_url": BASE, "title": "", "language": None, "link_in_mails": True}
        await configuration.configure_web(uow, "daemon", web, "")
        return await signing_in.line_in_mail(uow, cards[MARIA], MARIA, 1, uow.now)

    link = (await inbox.store.run(line)).rpartition(BASE)[2]
    await enter(found["who has the link of her task"], link)
    await inbox.acting("anna").write(contacts.set_, cards[OLGA], portal=False)
    return found


async def _asked(browser: Browser, route: str) -> Page:
    method, path = route.split()
    path = path.replace("{id}", "1").replace("{comment}", "1").replace("{name}", "photo.png")
    if method == "GET":
        return await browser.get(path)
    first = await browser.get("/p/t/1")
    page = first if first.hidden else await browser.get("/p/me")
    words = {"nonce": "n" * 32, "text": "x", "name": "Me", "language": "en", "subject": "s"}
    return await browser.post(path, {**page.hidden, **words})


def _let_in(route: str, page: Page) -> bool:
    if page.status == 303 and route != LAST:
        # To what was written; everybody else is sent to the first page, or to sign in.
        return not page.location.startswith(("/p/?", "/p/sign-in")) and page.location != "/p/"
    return page.status < 400 and 'name="address"' not in page.text


async def test_r36_r37_r46_every_page_as_everybody(inbox: Inbox, door: Door, post: Post) -> None:
    jar, timeout = aiohttp.DummyCookieJar(), aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as session:
        for role, browser in (await _sessions(inbox, post, door, session)).items():
            await _walk(browser, role)


async def _walk(browser: Browser, role: str) -> None:
    # What ends the session comes last; of two that do, one has a test of its own.
    routes = (OWN | TASK | PERSON) - {"POST /p/sign-out"}
    for route in sorted(routes, key=lambda one: (one == LAST, one)):
        if route == "GET /p/t/{id}/news" and route in MAY[role]:
            continue  # open until the page is closed: ``test_journey``
        page = await _asked(browser, route)
        assert _let_in(route, page) == (route in MAY[role]), (role, route, page.status)
        if route in TASK and route not in MAY[role]:
            assert "Words" not in page.text
