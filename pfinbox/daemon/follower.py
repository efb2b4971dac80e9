"""What visitors have not seen on our pages follows by e-mail."""

import logging

from pfinbox.daemon.backoff import Backoff
from pfinbox.daemon.chore import Chore
from pfinbox.daemon.waking import woken
from pfinbox.errors import StoreError
from pfinbox.services.outbound import follow_ups

log = logging.getLogger(__name__)

# Without news from the store it looks again after so many seconds.
_LOOK = 60.0


class Follower(Chore):
    """Queues the mails for the chats of one daemon's accounts; the sender sends them."""

    async def run(self) -> None:
        """Run until cancelled."""
        backoff = Backoff()
        while True:
            self.wake.clear()
            try:
                wait = await self._look()
                backoff.reset()
            except StoreError as error:
                log.error("what visitors have not seen cannot be read: %s", error)
                wait = backoff.next()
            if wait > 0:
                await woken(self.wake, wait)

    async def run_once(self) -> None:
        """Queue what is due."""
        while await self._look() == 0.0:
            pass

    async def _look(self) -> float:
        """Queue what is due; returns the seconds until the next look (0: at once)."""
        async with self._store.read() as uow:
            wait = await follow_ups.next_due(uow, self._lease.id)
        if wait is None or wait > 0:
            return _LOOK if wait is None else min(_LOOK, wait + 0.01)
        await self._store.run(lambda uow: follow_ups.follow(uow, self._lease.id))
        return 0.0
