"""A door over a furnished inbox, a client with access, and a browser that walks through it."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from pfinbox.daemon.chores.sign_in_mailer import SignInMailer
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.listening import Listening
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.people import contacts
from pfinbox.services.system import configuration
from pfinbox.web.app import application
from pfinbox.web.server import Door
from pfinbox.web.site import Portal, Site
from tests.builders import Inbox
from tests.daemon.scripted import ScriptedChannel
from tests.daemon.test_sender import a_lease
from tests.services.inbound.test_arrival import task_of, the_task
from tests.web.browser import Browser

BASE = "https://support.example"
MARIA = "maria@client.example"
SITE = Site(BASE, Portal("Example Ltd", language="en", upload_limit=1_000_000))

on_both = pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)
"""For what the store decides: who is known, whose session is alive."""


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """SQLite alone: pages are thin, and what they call is tested on both databases."""
    return str(request.param)


@pytest.fixture
async def door(inbox: Inbox) -> AsyncIterator[Door]:
    """The door, open on a port of its own; clients know it as ``BASE``."""
    web = {"base_url": BASE, "title": "Example Ltd", "language": "en", "link_in_mails": False}
    await inbox.store.run(lambda uow: configuration.configure_web(uow, "daemon", web, ""))
    program = ProgramInbox(inbox.store, SystemActor("web"))
    opened = Door(application(program, SITE), Listening("127.0.0.1"), patience=2.0)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def browser(door: Door) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Browser(session, f"http://{door.address}", BASE)


@dataclass
class Post:
    """What the daemon mails besides comments."""

    inbox: Inbox
    channel: ScriptedChannel

    async def mailed(self) -> list[Outgoing]:
        """Whatever is due is mailed; the mails of this time."""
        before = len(self.channel.sent)
        lease = await a_lease(self.inbox, dead=True)
        every = dict.fromkeys(self.inbox.account_ids.values(), self.channel)
        await SignInMailer(self.inbox.store, lease, every).run_once()
        return self.channel.sent[before:]

    async def link(self, browser: Browser, address: str = MARIA) -> str:
        """The path of the link that is mailed to whoever asks with this address."""
        await browser.post("/p/sign-in", {"address": address})
        (mail,) = await self.mailed()
        return link_in(mail)


def link_in(mail: Outgoing, base: str = BASE) -> str:
    found = re.search(re.escape(base) + r"(/p/in/\S+)", mail.text)
    assert found is not None, mail.text
    return found.group(1)


@pytest.fixture
def post(inbox: Inbox) -> Post:
    return Post(inbox, ScriptedChannel())


@pytest.fixture
async def maria(inbox: Inbox) -> int:
    """A client who wrote by mail and has access; the card's id."""
    asked = await inbox.mails("Where is my order?", sender=MARIA)
    contact_id = (await the_task(inbox, await task_of(inbox, asked))).contact_id
    assert contact_id is not None
    await inbox.acting("anna").write(contacts.set_, contact_id, portal=True)
    return contact_id
