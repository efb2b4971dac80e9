"""A door over a furnished inbox, and a client that walks through it as a browser would."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.listening import Listening
from pfinbox.services.inbox import ProgramInbox
from pfinbox.web.app import application
from pfinbox.web.server import Door
from pfinbox.web.site import Portal, Site
from tests.builders import Inbox
from tests.web.browser import Browser

BASE = "https://support.example"


@pytest.fixture
async def door(inbox: Inbox) -> AsyncIterator[Door]:
    """The door, open on a port of its own; clients know it as ``BASE``."""
    site = Site(BASE, Portal("Example Ltd", language="en"))
    opened = Door(
        application(ProgramInbox(inbox.store, SystemActor("web")), site), Listening("127.0.0.1")
    )
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def browser(door: Door) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Browser(session, f"http://{door.address}", BASE)
