"""What the tests of the Telegram channel share: an open channel, a short account."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio

from pfinbox.channels.telegram import SPEC
from pfinbox.channels.telegram.channel import TelegramChannel
from pfinbox.channels.telegram.pace import Pace
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.settings import Secret, check
from tests.servers.bot_api import TOKEN, BotApi

Open = Callable[..., TelegramChannel]


class Naps:
    """Stands in for sleeping: remembers how long, and may do something meanwhile."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.meanwhile: Callable[[], object] = lambda: None

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        self.meanwhile()
        await asyncio.sleep(0)


def account(base: str, token: str = TOKEN, **settings: Any) -> AccountContext:
    """The account's settings as the config checker gives them."""
    given = {"token": token, "api_base": base, **settings}
    checked = check(
        given,
        SPEC.settings,
        where="accounts.tg",
        source="test",
        secret=lambda value, _: Secret(str(value)),
    )
    return AccountContext("tg", checked, b"k" * 32)


def outgoing(text: str = "", *files: File, chat: str | None = "42", **more: Any) -> Outgoing:
    return Outgoing(
        chat_key=chat, to=(), text=text, files=files, created_at=datetime.now(UTC), **more
    )


async def one(channel: TelegramChannel) -> Batch:
    """The first batch of a fresh start; nothing of it is confirmed."""
    async for batch in channel.receive(None):
        return batch
    raise AssertionError("receive ended")


@pytest_asyncio.fixture
async def naps() -> Naps:
    return Naps()


@pytest_asyncio.fixture
async def open_channel(bot_api: BotApi, naps: Naps) -> AsyncIterator[Open]:
    """Opens channels to the test's server; they are closed at the end."""
    opened: list[TelegramChannel] = []

    def make(base: str = "", **settings: Any) -> TelegramChannel:
        context = account(base or bot_api.base, **{"poll_seconds": 1, **settings})
        channel = TelegramChannel(context, sleep=naps, pace=Pace(sleep=naps))
        opened.append(channel)
        return channel

    yield make
    for channel in opened:
        await channel.close()


@pytest_asyncio.fixture
async def channel(open_channel: Open) -> TelegramChannel:
    return open_channel()


async def nothing() -> None:
    """A ``transmitting`` that records nothing."""
