"""What a daemon does for its accounts besides receiving and sending."""

import asyncio
from collections.abc import Mapping

from pfinbox.domain.contract.channel import Channel
from pfinbox.domain.leasing import Lease
from pfinbox.store.uow import Store


class Chore:
    """A chore runs until cancelled; ``wake`` tells it to look; ``channels`` may change."""

    def __init__(self, store: Store, lease: Lease, channels: Mapping[int, Channel]) -> None:
        self._store = store
        self._lease = lease
        self._channels = channels
        self.wake = asyncio.Event()
