"""What requests become, without a store."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from pfinbox.channels.meta.channel import MetaChannel
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.incoming import Incoming, IncomingEvent
from pfinbox.domain.contract.webhook import Kept
from tests.channels.meta.conftest import request
from tests.servers.meta import Json


class Waiting:
    """The kept requests of an account (``domain.contract.webhook.Requests``)."""

    def __init__(self, *payloads: Json) -> None:
        bodies = [json.dumps(one, ensure_ascii=False).encode() for one in payloads]
        self.kept = [Kept(n, request(body)) for n, body in enumerate(bodies, 1)]

    async def waiting(self, after: int) -> Sequence[Kept]:
        return [one for one in self.kept if one.id > after]

    async def arrival(self) -> None:
        """Nothing more comes."""


async def batches(channel: MetaChannel, cursor: str | None = None) -> list[Batch]:
    """All there are until nothing more waits."""
    found: list[Batch] = []
    async for batch in channel.receive(cursor):
        found.append(batch)
        if batch.idle:
            break
    return found


async def incoming(channel: MetaChannel) -> list[Incoming]:
    return [one for batch in await batches(channel) for one in batch.items]


async def events(channel: MetaChannel) -> list[IncomingEvent]:
    return [one.event for one in await incoming(channel)]


def utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
