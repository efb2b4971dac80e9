"""A client signs in: a form over HTTP, a mail by a real mail server, a page (R36, R40)."""

import asyncio
import re
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import aiohttp

from pfinbox.bootstrap.door import announce, beside
from pfinbox.services.people import contacts
from pfinbox.store.changes import changes
from tests.bootstrap.test_door import free_port
from tests.end_to_end.house import House, a_house, write_config
from tests.servers.bot_api import BotApi
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import SmtpServer
from tests.web.browser import Browser

MARIA = "maria@client.example"


async def test_r40_a_client_asks_for_a_link_gets_the_mail_and_is_in(
    tmp_path: Path, mailbox: Mailbox, smtp_server: SmtpServer, bot_api: BotApi
) -> None:
    url, port = f"sqlite:///{tmp_path / 'inbox.db'}", free_port()
    path = write_config(tmp_path, url, mailbox, smtp_server, bot_api)
    base = f"http://127.0.0.1:{port}"
    with path.open("a") as config:
        config.write(f'[web]\nlisten = "127.0.0.1:{port}"\n[web.portal]\nlanguage = "pl"\n')
    async with a_house(path) as house, aiohttp.ClientSession() as session:
        await announce(house.store, house.config, "daemon")
        stop = asyncio.Event()
        doors = [asyncio.create_task(one(stop)) for one in await beside(house.store, house.config)]
        await house.accounts_are("ok")
        inbox = house.inbox
        maria = await inbox.write(contacts.new, "Maria Nowak", addresses=[("email", MARIA)])
        await inbox.write(contacts.set_, maria, portal=True)
        browser = Browser(session, base, base)
        await browser.post("/p/sign-in", {"address": MARIA})
        mail = await the_mail(house, smtp_server)
        assert MARIA in mail["To"]
        assert mail["Auto-Submitted"] == "auto-generated"
        text = mail.get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr]
        assert "Hasła nie ma." in text
        (link,) = re.findall(rf"{base}(/p/in/\w+)", text)
        await browser.post(link, {})
        assert "/p/sign-out" in (await browser.get("/p/")).text
        stop.set()
        await asyncio.gather(*doors)
    # A null sender is refused by many servers to those who sign in.
    assert [taken.sender for taken in smtp_server.taken] == [mailbox.address]


async def the_mail(house: House, server: SmtpServer) -> Message:
    async with asyncio.timeout(20):
        async for _topics in changes(house.store):
            if server.taken:
                return message_from_bytes(server.taken[0].content)
    raise AssertionError("unreachable")
