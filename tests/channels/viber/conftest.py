"""What the tests of the Viber channel share: an open channel, and requests as the door has them."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.viber import SPEC
from pfinbox.channels.viber.admit import admit
from pfinbox.channels.viber.channel import ViberChannel
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import IncomingEvent
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.domain.contract.webhook import Kept, Request
from tests.servers.viber import MARIA, TOKEN, Viber

URL = "https://support.example/hooks/viber"
Open = Callable[..., ViberChannel]


def signed(body: bytes, signature: str) -> Request:
    """As the door tells of it."""
    headers = {"x-viber-content-signature": signature}
    return Request(
        method="POST", rest="", headers=headers, body=body, received_at=datetime.now(UTC)
    )


class Pushed:
    """The requests that the door keeps; Viber pushes them here."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.kept: list[Kept] = []
        self._settings = settings

    async def push(self, body: bytes, signature: str) -> None:
        request = signed(body, signature)
        if admit(self._settings, request).keep:
            self.kept.append(Kept(len(self.kept) + 1, request))

    async def waiting(self, after: int) -> Sequence[Kept]:
        return [one for one in self.kept if one.id > after]

    async def arrival(self) -> None:
        raise AssertionError("the test takes what is there")


def context(viber: Viber, **given: Any) -> AccountContext:
    known = {name: given.pop(name) for name in ("hook_url", "publish", "requests") if name in given}
    checked = check(
        {"token": TOKEN, "api_base": viber.api_base, **given},
        SPEC.settings,
        where="accounts.viber",
        source="test",
        secret=lambda value, _: Secret(str(value)),
    )
    door: dict[str, Any] = {"hook_url": URL, "publish": lambda file: published(viber, file)}
    return AccountContext("viber", checked, b"k" * 32, **(door | known))


def published(viber: Viber, file: File) -> str:
    return viber.keep(file.content, file.name)


def outgoing(text: str = "Да", **more: Any) -> Outgoing:
    return Outgoing(chat_key=MARIA, to=(), text=text, created_at=datetime.now(UTC), **more)


async def nothing(_turned_away: object = None, /) -> None:
    """Nothing has to be written down."""


async def told(channel: ViberChannel) -> list[IncomingEvent]:
    """The events until there is nothing more."""
    found: list[IncomingEvent] = []
    async for batch in channel.receive(None):
        found += [item.event for item in batch.items]
        if batch.idle:
            break
    return found


@pytest.fixture
async def open_channel(viber_server: Viber) -> AsyncIterator[Open]:
    opened: list[ViberChannel] = []
    door = Pushed(context(viber_server).settings)
    viber_server.push = door.push

    def make(**given: Any) -> ViberChannel:
        opened.append(ViberChannel(context(viber_server, **{"requests": door, **given})))
        return opened[-1]

    yield make
    for channel in opened:
        await channel.close()
