"""What the tests of the VK channel share: an open channel on the loopback server."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.vk import SPEC
from pfinbox.channels.vk.channel import VkChannel
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.settings import Secret, check
from tests.servers.vk import GROUP, TOKEN, Vk

KEY = b"k" * 32
Open = Callable[..., VkChannel]


def context(base: str, token: str = TOKEN, **given: Any) -> AccountContext:
    checked = check(
        {"token": token, "group_id": GROUP, "api_base": base, **given},
        SPEC.settings,
        where="accounts.vk",
        source="test",
        secret=lambda value, _: Secret(str(value)),
    )
    return AccountContext("vk", checked, KEY)


def outgoing(text: str = "Да", **more: Any) -> Outgoing:
    return Outgoing(
        chat_key="42", to=(), text=text, created_at=datetime.now(UTC), nonce="n1", **more
    )


async def nothing(_turned_away: object = None, /) -> None:
    """Nothing has to be written down."""


async def polled(channel: VkChannel, cursor: str | None) -> list[Batch]:
    """The batches until the queue is empty."""
    found: list[Batch] = []
    async for batch in channel.receive(cursor):
        found.append(batch)
        if batch.idle and (cursor is not None or len(found) > 1):
            return found
    return found


@pytest.fixture
async def open_channel(vk_server: Vk) -> AsyncIterator[Open]:
    opened: list[VkChannel] = []

    def make(**given: Any) -> VkChannel:
        opened.append(VkChannel(context(given.pop("base", vk_server.base), **given), wait=0))
        return opened[-1]

    yield make
    for channel in opened:
        await channel.close()
