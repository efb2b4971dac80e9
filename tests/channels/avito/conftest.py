"""What the tests of the Avito channel share: an open channel, and requests as the door has them."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.avito import SPEC
from pfinbox.channels.avito.channel import AvitoChannel
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.incoming import IncomingEvent
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.domain.contract.webhook import Kept, Request
from tests.servers.avito import CHAT, SELLER, Avito
from tests.servers.avito.server import CLIENT_ID, CLIENT_SECRET

URL = "https://support.example/hooks/avito"
# Before everything that a test lets happen.
BEGIN = '{"began": 1000, "newest": 1000}'
Open = Callable[..., AvitoChannel]


def request(rest: str, body: bytes) -> Request:
    """As the door tells of it."""
    return Request(method="POST", rest=rest, body=body, received_at=datetime.now(UTC))


def admitted(settings: Mapping[str, Any], url: str, body: bytes) -> Request | None:
    """What the door would keep of a request to an address that Avito was told."""
    asked = request(url.removeprefix(f"{URL}/"), body)
    assert SPEC.admit is not None
    verdict = SPEC.admit(settings, asked)
    assert verdict.status == 200
    return asked if verdict.keep else None


class Pushed:
    """The requests that the door keeps; Avito pushes them here."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.kept: list[Kept] = []
        self._settings = settings

    async def push(self, url: str, body: bytes) -> None:
        asked = admitted(self._settings, url, body)
        if asked is not None:
            self.kept.append(Kept(len(self.kept) + 1, asked))

    async def waiting(self, after: int) -> Sequence[Kept]:
        return [one for one in self.kept if one.id > after]

    async def arrival(self) -> None:
        raise AssertionError("the test takes what is there")


def context(avito: Avito, requests: Pushed | None = None, **given: Any) -> AccountContext:
    checked = check(
        {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "user_id": SELLER,
            "api_base": avito.base,
            **given,
        },
        SPEC.settings,
        where="accounts.avito",
        source="test",
        secret=lambda value, _: Secret(str(value)),
    )
    url = URL if requests is not None else None
    return AccountContext("avito", checked, b"k" * 32, hook_url=url, requests=requests)


def outgoing(text: str = "Да", **more: Any) -> Outgoing:
    return Outgoing(chat_key=CHAT, to=(), text=text, created_at=datetime.now(UTC), **more)


async def no_sleep(_seconds: float) -> None:
    """Nobody waits."""


async def nothing(_turned_away: object = None, /) -> None:
    """Nothing has to be written down."""


async def batches(channel: AvitoChannel, cursor: str | None = BEGIN) -> list[Batch]:
    """The batches until there is nothing more."""
    found: list[Batch] = []
    async for batch in channel.receive(cursor):
        found.append(batch)
        if batch.idle:
            break
    return found


async def told(channel: AvitoChannel, cursor: str | None = BEGIN) -> list[IncomingEvent]:
    return [item.event for batch in await batches(channel, cursor) for item in batch.items]


@pytest.fixture
async def open_channel(avito_server: Avito) -> AsyncIterator[Open]:
    opened: list[AvitoChannel] = []

    def make(requests: Pushed | None = None, **given: Any) -> AvitoChannel:
        opened.append(AvitoChannel(context(avito_server, requests, **given), sleep=no_sleep))
        return opened[-1]

    yield make
    for channel in opened:
        await channel.close()
