"""While an agent writes to a client, the messenger says so, if the account is set to do so."""

import asyncio
import logging

from pfinbox.daemon.chore import Chore
from pfinbox.daemon.waking import woken
from pfinbox.domain.contract.channel import ChannelError
from pfinbox.domain.outbound.typing import ShowsWriting
from pfinbox.errors import StoreError
from pfinbox.store.load.outbound import typing

log = logging.getLogger(__name__)

# Messengers show it for about five seconds.
_AGAIN = 4.0
_IDLE = 60.0


class Typist(Chore):
    """Shows "typing" again and again while an agent writes; a failure is ignored."""

    async def run(self) -> None:
        """Ends only by cancellation."""
        while True:
            self.wake.clear()
            if await self.run_once():
                await asyncio.sleep(_AGAIN)
            else:
                await woken(self.wake, _IDLE)

    async def run_once(self) -> bool:
        """Show "typing" in every chat where an agent writes; whether there is one."""
        try:
            async with self._store.read() as uow:
                chats = await typing.chats(uow, self._lease.id)
        except StoreError as error:
            log.debug("who is writing cannot be read: %s", error)
            return False
        for account_id, key in chats:
            channel = self._channels.get(account_id)
            if not isinstance(channel, ShowsWriting):
                continue
            try:
                await channel.show_writing(key)
            except ChannelError as error:
                log.debug("nobody was told that somebody writes: %s", error.reason.sentence())
        return bool(chats)
