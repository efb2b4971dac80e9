"""What the tests of the MAX channel share: an open channel on the loopback server."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.max import SPEC
from pfinbox.channels.max.channel import MaxChannel
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.settings import Secret, check
from tests.servers.max import DIALOGUE, TOKEN, Max

SECRET = "secret-for_MAX"
URL = "https://support.example/hooks/max"
Open = Callable[..., MaxChannel]


async def no_sleep(_seconds: float) -> None:
    """Nobody waits."""


def context(base: str, **given: Any) -> AccountContext:
    hook_url = given.pop("hook_url", URL)
    checked = check(
        {"token": TOKEN, "secret": SECRET, "api_base": base, **given},
        SPEC.settings,
        where="accounts.max",
        source="test",
        secret=lambda value, _: Secret(str(value)),
    )
    return AccountContext("max", checked, b"k" * 32, hook_url=hook_url)


def outgoing(text: str = "Да", **more: Any) -> Outgoing:
    return Outgoing(chat_key=str(DIALOGUE), to=(), text=text, created_at=datetime.now(UTC), **more)


async def nothing(_turned_away: object = None, /) -> None:
    """Nothing has to be written down."""


async def polled(channel: MaxChannel, cursor: str | None) -> list[Batch]:
    """The batches until there is nothing more."""
    found: list[Batch] = []
    async for batch in channel.receive(cursor):
        found.append(batch)
        if batch.idle:
            break
    return found


@pytest.fixture
async def open_channel(max_server: Max) -> AsyncIterator[Open]:
    opened: list[MaxChannel] = []

    def make(**given: Any) -> MaxChannel:
        made = context(max_server.base, **given)
        opened.append(MaxChannel(made, sleep=no_sleep, wait=0))
        return opened[-1]

    yield make
    for channel in opened:
        await channel.close()
