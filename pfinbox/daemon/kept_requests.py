"""The requests that the web door has kept for an account, as the account's channel takes them."""

import asyncio
from collections.abc import Sequence

from pfinbox.daemon.waking import woken
from pfinbox.domain.contract.webhook import Kept
from pfinbox.store.load.inbound import requests
from pfinbox.store.uow import Store

_AT_A_TIME = 100
# A door on another machine tells by the store, too; this is for news that got lost.
_LOOK_EVERY = 15.0


class KeptRequests:
    """A ``domain.contract.webhook.Requests`` over the store; ``wake`` is set when more came."""

    def __init__(self, store: Store, account_id: int) -> None:
        self._store = store
        self.account_id = account_id
        self.wake = asyncio.Event()

    async def waiting(self, after: int) -> Sequence[Kept]:
        self.wake.clear()
        async with self._store.read() as uow:
            return await requests.waiting(uow, self.account_id, after, _AT_A_TIME)

    async def arrival(self) -> None:
        await woken(self.wake, _LOOK_EVERY)
