"""What visitors have not seen on our pages follows by e-mail."""

from pfinbox.daemon.chores.chore import Chore
from pfinbox.services.outbound import follow_ups

# Without news from the store it looks again after so many seconds.
_LOOK = 60.0


class Follower(Chore):
    """Queues the mails for the chats of one daemon's accounts; the sender sends them."""

    what = "what visitors have not seen"

    async def look(self) -> float:
        async with self._store.read() as uow:
            wait = await follow_ups.next_due(uow, self._lease.id)
        if wait is None or wait > 0:
            return _LOOK if wait is None else min(_LOOK, wait + 0.01)
        await self._store.run(lambda uow: follow_ups.follow(uow, self._lease.id))
        return 0.0
