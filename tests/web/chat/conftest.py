"""A website chat: the door with it, its channel, and a visitor."""

import hashlib
import hmac
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from pfinbox.channels.webchat import SPEC
from pfinbox.daemon.kept_requests import KeptRequests
from pfinbox.daemon.outbound.sender import Sender
from pfinbox.daemon.receiver import Receiver
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.settings import Key, Secret
from pfinbox.domain.listening import Listening
from pfinbox.domain.people.account_setup import AccountSetup
from pfinbox.domain.text.moments.opening_hours import Hours
from pfinbox.services.inbox import ProgramInbox
from pfinbox.web.app import application
from pfinbox.web.server import Door
from pfinbox.web.site import Chat, Site
from tests.builders import Inbox, chat_account
from tests.daemon.test_sender import a_lease

IDENTITY = "what the site signs with"
KEY = b"c" * 32
SETTINGS: dict[str, Any] = {
    name: key.default for name, key in SPEC.settings.keys.items() if isinstance(key, Key)
}


def webchat() -> AccountSetup:
    assert SPEC.adapt is not None
    abilities, limits = SPEC.adapt(SETTINGS, SPEC.capabilities, SPEC.limits)
    return AccountSetup("chat", SPEC.name, "chat", abilities, limits, sign=SPEC.sign)


def signed(user: str) -> dict[str, str]:
    """What the site says of a visitor whom it knows."""
    mark = hmac.new(IDENTITY.encode(), user.encode(), hashlib.sha256).hexdigest()
    return {"user": user, "hash": mark}


@asynccontextmanager
async def opened(
    inbox: Inbox,
    *origins: str,
    hours: Hours | None = None,
    begin: Callable[[web.Application], None] = lambda _app: None,
) -> AsyncIterator[str]:
    """The door with a chat that these sites may show; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    chat = Chat("chat", KEY, origins, Secret(IDENTITY), "Ask us anything", hours=hours)
    site = Site(base, None, chats={"chat": chat}, company="Example Ltd")
    program = ProgramInbox(inbox.store, SystemActor("web"))
    app = application(program, site)
    begin(app)
    door = Door(app, Listening("127.0.0.1", port))
    await door.open()
    try:
        yield base
    finally:
        await door.close()


@dataclass
class Daemon:
    """What the daemon does for the chat, when a test says so."""

    inbox: Inbox

    def channel(self) -> Channel:
        requests = KeptRequests(self.inbox.store, self.inbox.account_ids["chat"])
        return SPEC.open(AccountContext("chat", SETTINGS, KEY, requests=requests))

    async def receive(self) -> None:
        account_id = self.inbox.account_ids["chat"]
        lease = await a_lease(self.inbox, dead=True)
        channel = self.channel()
        receiver = Receiver(self.inbox.store, account_id, "chat", channel, lease, lambda: True)
        assert await receiver.run_once()

    async def send(self) -> None:
        lease = await a_lease(self.inbox, dead=True)
        by_id = {self.inbox.account_ids["chat"]: self.channel()}
        await Sender(self.inbox.store, lease, by_id).run_once()


@pytest.fixture
async def daemon(inbox: Inbox) -> Daemon:
    await inbox.configure(chat_account(), webchat())
    return Daemon(inbox)


class Visitor:
    """A browser's requests, with the token that it keeps."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._path = f"{base}/chat/chat"
        self.token = ""
        self._number = 0

    async def says(self, text: str = "Hello", **more: Any) -> int:
        """Write; the status of the answer."""
        self._number += 1
        told = {"id": f"{id(self)}-{self._number}", "text": text, **more}
        if self.token:
            told.setdefault("token", self.token)
        async with self._session.post(f"{self._path}/messages", json=told) as answer:
            if answer.status == 200:
                self.token = (await answer.json())["token"]
            return answer.status

    async def reads(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.looks())["messages"]
        return found

    async def looks(self) -> dict[str, Any]:
        """All that the window is told."""
        async with self.asks("messages") as answer:
            assert answer.status == 200
            found: dict[str, Any] = await answer.json()
            return found

    async def tells(self, what: str, **value: Any) -> int:
        """Something besides messages: seen, writing, me, token; the status of the answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = f"{self._path}/{what}"
        async with self._session.post(url, json=value, headers=headers) as answer:
            if what == "token" and answer.status == 200:
                self.token = (await answer.json())["token"]
            return answer.status

    def asks(self, what: str, token: str | None = None) -> Any:
        given = self.token if token is None else token
        return self._session.get(
            f"{self._path}/{what}", headers={"Authorization": f"Bearer {given}"}
        )
