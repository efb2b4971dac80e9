"""What agents have read, the services hear of, where an account is set to do so."""

import logging
from functools import partial

from pfinbox.daemon.chores.chore import Chore
from pfinbox.domain.contract.channel import ChannelError, PermanentFailure
from pfinbox.domain.outbound.read_marks import MarksEachRead, MarksRead
from pfinbox.store.load.outbound import read_marks
from pfinbox.store.load.outbound.read_marks import ReadUpTo
from pfinbox.store.write.outbound import read_marks as write_marks

log = logging.getLogger(__name__)

_AT_ONCE = 50
_IDLE = 60.0


class ReadTeller(Chore):
    """Tells each chat's service once; what fails for now is told at the next look."""

    what = "what was read"

    async def look(self) -> float:
        async with self._store.read() as uow:
            some = await read_marks.to_tell(uow, self._lease.id, _AT_ONCE)
        told = [await self._tell(one) for one in some]
        return 0.0 if all(told) and len(some) == _AT_ONCE else _IDLE

    async def _tell(self, one: ReadUpTo) -> bool:
        channel = self._channels.get(one.account_id)
        try:
            if isinstance(channel, MarksEachRead):
                await channel.mark_each_read(one.source_ids)
            elif isinstance(channel, MarksRead):
                await channel.mark_read(one.chat_key, one.source_ids[-1])
            else:
                return False
        except PermanentFailure as error:
            log.debug("a service takes no read mark: %s", error.reason.sentence())
        except ChannelError as error:
            log.debug("a service was not told what was read: %s", error.reason.sentence())
            return False
        await self._store.run(
            partial(write_marks.told, chat_id=one.chat_id, comment_id=one.comment_id)
        )
        return True
