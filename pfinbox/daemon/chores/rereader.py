"""Reads receipts in quarantine again, when an agent has asked for it."""

import asyncio
import logging

from pfinbox.daemon.chores.chore import Chore
from pfinbox.domain.contract.channel import Channel
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import StoreError
from pfinbox.services.inbound import quarantine_retry
from pfinbox.store.load.inbound.quarantine import Kept

log = logging.getLogger(__name__)

_IDLE = 60.0


class Rereader(Chore):
    """Reads receipts again one at a time; one that fails stays in quarantine."""

    what = "quarantine"

    async def look(self) -> float:
        async with self._store.read() as uow:
            asked = await quarantine_retry.next_asked(uow, self._lease.id, tuple(self._channels))
        if asked is None:
            return _IDLE
        # The account may have gone to another daemon meanwhile, which reads it.
        if (channel := self._channels.get(asked.account_id)) is not None:
            await self._one(channel, asked)
        return 0.0

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
