"""A chore: what a daemon does again and again, until it is stopped."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from pfinbox.daemon.backoff import Backoff
from pfinbox.daemon.waking import loop_time, woken
from pfinbox.domain.contract.channel import Channel
from pfinbox.domain.leasing import Lease
from pfinbox.errors import StoreError
from pfinbox.store.uow import Store

log = logging.getLogger(__name__)

# News of so many seconds is gathered before a chore looks again: most of it concerns other chores.
_BREATH = 0.25


class Chore(ABC):
    """A chore runs until cancelled; ``wake`` tells it to look; ``channels`` may change."""

    # What it reads, for the log.
    what: ClassVar[str]

    def __init__(self, store: Store, lease: Lease, channels: Mapping[int, Channel]) -> None:
        self._store = store
        self._lease = lease
        self._channels = channels
        self.wake = asyncio.Event()

    @abstractmethod
    async def look(self) -> float:
        """Do what is due; returns the seconds until the next look (0: at once)."""
        ...

    async def run(self) -> None:
        """Run until cancelled; what was cut off is found by the next look."""
        backoff = Backoff()
        while True:
            self.wake.clear()
            again = loop_time() + _BREATH
            try:
                wait = await self.look()
                backoff.reset()
            except StoreError as error:
                log.error("%s cannot be read or written: %s", self.what, error)
                wait = backoff.next()
            if wait > 0:
                await woken(self.wake, wait)
                await asyncio.sleep(min(wait, again - loop_time()))

    async def run_once(self) -> None:
        """Do what is due; back-offs wait for the next run."""
        while await self.look() == 0.0:
            pass
