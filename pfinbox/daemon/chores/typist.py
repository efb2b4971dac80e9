"""While an agent writes to a client, the messenger says so, if the account is set to do so."""

import asyncio
import logging

from pfinbox.daemon.chores.chore import Chore
from pfinbox.domain.contract.channel import ChannelError
from pfinbox.domain.outbound.typing import ShowsWriting
from pfinbox.store.load.outbound import typing

log = logging.getLogger(__name__)

# Messengers show it for about five seconds.
_AGAIN = 4.0
_IDLE = 60.0


class Typist(Chore):
    """Shows "typing" again and again while an agent writes; a failure is ignored."""

    what = "who is writing"
    _again = 0.0

    async def look(self) -> float:
        time = asyncio.get_running_loop().time()
        if time < self._again:  # woken by other news
            return self._again - time
        async with self._store.read() as uow:
            chats = await typing.chats(uow, self._lease.id)
        for account_id, key in chats:
            channel = self._channels.get(account_id)
            if not isinstance(channel, ShowsWriting):
                continue
            try:
                await channel.show_writing(key)
            except ChannelError as error:
                log.debug("nobody was told that somebody writes: %s", error.reason.sentence())
        if not chats:
            return _IDLE
        self._again = time + _AGAIN
        return _AGAIN
