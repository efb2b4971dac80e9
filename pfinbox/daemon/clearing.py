"""PostgreSQL sessions of programs that were stopped are ended while others wait for them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pfinbox.errors import StoreError
from pfinbox.services.system import leases
from pfinbox.store.uow import Store

log = logging.getLogger(__name__)

# Whoever holds others up and says nothing for so long is cut off.
_STALLED = 3.0


@asynccontextmanager
async def way_cleared(store: Store, seconds: float = _STALLED) -> AsyncIterator[None]:
    """While within: from a daemon's first step on, as it may have to wait already to begin."""
    clearing = None if store.sqlite else asyncio.create_task(_clear(store, seconds))
    try:
        yield
    finally:
        if clearing is not None:
            clearing.cancel()
            await asyncio.wait([clearing])


async def _clear(store: Store, seconds: float) -> None:
    while True:
        try:
            async with store.read() as uow:
                if ended := await leases.end_stalled(uow, seconds):
                    log.warning("%d silent sessions held others up and were ended", ended)
        except StoreError:
            # Said by whoever needs the store for more.
            pass
        await asyncio.sleep(seconds)
