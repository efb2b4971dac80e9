"""The pictures of people who write, one after the other and beside all else."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from pfinbox.daemon.chores.chore import Chore
from pfinbox.domain.contract.channel import Channel, ChannelError, PermanentFailure
from pfinbox.domain.contract.pictures import ShowsPeople, picture_type
from pfinbox.domain.leasing import Lease
from pfinbox.store.load.inbound import pictures
from pfinbox.store.load.inbound.pictures import Unseen
from pfinbox.store.uow import Store
from pfinbox.store.write import cards

log = logging.getLogger(__name__)

# Seconds between two looks: a message is never waited for, nor does one wait.
_LOOK = 15.0
# A service that takes longer over one picture does not give it.
_PATIENCE = 30.0
# So many comments before its start a daemon looks at.
_BEFORE = 1000
_GOOD_FOR = timedelta(days=7)
# A service whose addresses are others each time seems to tell of a change with every message.
_CHANGES_WITHIN = timedelta(days=1)
# After a failure that may pass.
_AGAIN_AFTER = timedelta(hours=1)


class PictureFetcher(Chore):
    """Asks at most once a week for each person who writes; where a service tells of a change, at
    most once a day.
    """

    what = "pictures of people"

    def __init__(self, store: Store, lease: Lease, channels: Mapping[int, Channel]) -> None:
        super().__init__(store, lease, channels)
        # The comment up to which all who wrote were looked at.
        self._seen: int | None = None

    async def look(self) -> float:
        showing = {
            account_id: channel
            for account_id, channel in self._channels.items()
            if isinstance(channel, ShowsPeople)
        }
        if showing:
            newest, some = await self._unseen(showing)
            for one in some:
                if one.account_id in showing:
                    await self._fetch(showing[one.account_id], one)
            self._seen = newest
        return _LOOK

    async def _unseen(self, showing: Mapping[int, ShowsPeople]) -> tuple[int, Sequence[Unseen]]:
        old = self._store.clock() + _GOOD_FOR - _CHANGES_WITHIN
        redrawn = {account_id: channel.redrawn() for account_id, channel in showing.items()}
        async with self._store.read() as uow:
            newest = await pictures.newest_comment(uow)
            seen = self._seen if self._seen is not None else newest - _BEFORE
            found = list(await pictures.unseen(uow, self._lease.id, seen, newest))
            for account_id, people in redrawn.items():
                if people:
                    found += await pictures.redrawn(uow, self._lease.id, account_id, people, old)
        return newest, _each_once(found)

    async def _fetch(self, channel: ShowsPeople, one: Unseen) -> None:
        now = self._store.clock()
        try:
            async with asyncio.timeout(_PATIENCE):
                content = await channel.picture(one.chat_key, one.value)
        except (ChannelError, TimeoutError) as error:
            log.debug("a picture was not fetched: %s", error)
            wait = _GOOD_FOR if isinstance(error, PermanentFailure) else _AGAIN_AFTER
            write = partial(cards.put_off_picture, address_id=one.address_id, until=now + wait)
        else:
            write = partial(
                cards.keep_picture,
                address_id=one.address_id,
                media_type=picture_type(content) if content else None,
                content=content or b"",
                good_until=now + _GOOD_FOR,
            )
        await self._store.run(write)


def _each_once(some: Iterable[Unseen]) -> Sequence[Unseen]:
    return list({one.address_id: one for one in some}.values())
