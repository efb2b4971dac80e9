"""A consumer that stores by key, under faults: nothing lost, nothing twice (R12).

Rows 15-19 of the fault matrix: faults of the server, failing commits, restarts, ids that restart.
"""

import random

import pytest

from pfinbox.channels.telegram.channel import TelegramChannel
from pfinbox.domain.contract.channel import ChannelError
from pfinbox.domain.contract.incoming import Ignored, Message
from tests.channels.telegram.conftest import Open
from tests.servers.bot_api import BotApi, Fault
from tests.servers.bot_api.shapes import failed

FAULTS = [
    Fault(),
    Fault(applied=True),
    Fault(502, "<html>"),
    Fault(409, failed(409, "Conflict: terminated by other getUpdates request")),
    Fault(429, failed(429, "Too Many Requests", {"retry_after": 1})),
]


class Ledger:
    """Stores a batch whole or not at all, by key; what is here was committed."""

    def __init__(self, chance: random.Random) -> None:
        self.rows: dict[str, Message | Ignored] = {}
        self.chance = chance

    async def follow(self, channel: TelegramChannel) -> None:
        """Until nothing more waits; dies of a failed commit or of the channel's trouble."""
        async for batch in channel.receive(None):
            if self.chance.random() < 0.3:
                raise OSError("the commit failed")
            for item in batch.items:
                assert isinstance(item.event, Message | Ignored)
                self.rows.setdefault(item.key, item.event)
            if batch.idle:
                return
            if self.chance.random() < 0.2:
                raise OSError("killed after the commit")


@pytest.mark.parametrize("seed", range(3))
async def test_r12_no_fault_loses_or_doubles_a_message(
    bot_api: BotApi, open_channel: Open, seed: int
) -> None:
    chance = random.Random(seed)
    ledger = Ledger(chance)
    bot_api.clock = lambda: 1_700_000_000
    said: list[str] = []
    for at in range(200):
        if at == 100:
            bot_api.restart_ids(chance.randrange(1000))
        if chance.random() < 0.1:
            bot_api.clients.sends_album(b"1", b"2", caption=f"m{at}", group=str(at))
        else:
            bot_api.clients.says(text=f"m{at}")
        said.append(f"m{at}")
        if at % 25 == 24:
            for method in ("getUpdates", "getFile", "file"):
                bot_api.fault(method, *chance.choices(FAULTS, k=chance.randrange(3)))
            channel = open_channel()
            while True:
                try:
                    await ledger.follow(channel)
                except (OSError, ChannelError):
                    continue
                break
    shown = [e for e in ledger.rows.values() if isinstance(e, Message)]
    assert [m.text for m in shown] == said
    assert bot_api.queue == []
