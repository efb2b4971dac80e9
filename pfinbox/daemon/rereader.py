"""Reads receipts in quarantine again, when an agent has asked for it."""

import asyncio
import logging

from pfinbox.daemon.chore import Chore
from pfinbox.daemon.waking import woken
from pfinbox.domain.contract.channel import Channel
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import StoreError
from pfinbox.services.inbound import quarantine_retry
from pfinbox.store.load.inbound.quarantine import Kept

log = logging.getLogger(__name__)

_IDLE = 60.0


class Rereader(Chore):
    """Reads receipts again one at a time; one that fails stays in quarantine."""

    async def run(self) -> None:
        """Ends only by cancellation."""
        while True:
            self.wake.clear()
            try:
                await self.run_once()
            except StoreError as error:
                log.error("quarantine cannot be read again: %s", error)
            await woken(self.wake, _IDLE)

    async def run_once(self) -> None:
        """Read every receipt that an agent has asked for."""
        while (kept := await self._next()) is not None:
            if (channel := self._channels.get(kept.account_id)) is not None:
                await self._one(channel, kept)

    async def _next(self) -> Kept | None:
        async with self._store.read() as uow:
            return await quarantine_retry.next_asked(uow, self._lease.id, tuple(self._channels))

    async def _one(self, channel: Channel, kept: Kept) -> None:
        try:
            # In a thread, as when receiving: a mail may take its whole time limit.
            incoming = await asyncio.to_thread(channel.parse, kept.key, kept.raw)
            await self._store.run(lambda uow: quarantine_retry.read_again(uow, kept.id, incoming))
        except StoreError:
            raise
        except Exception as error:
            log.exception("receipt %d stays in quarantine", kept.id)
            reason = Reason("internal_error", {"detail": type(error).__name__})
            await self._store.run(
                lambda uow: quarantine_retry.still_unreadable(uow, kept.id, reason)
            )
