"""Writing to a database that may be away: tried again until it is back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pfinbox.daemon.backoff import Backoff
from pfinbox.errors import StoreError
from pfinbox.store.uow import Store, UnitOfWork

log = logging.getLogger(__name__)

T = TypeVar("T")


async def until_written(
    store: Store,
    use_case: Callable[[UnitOfWork], Awaitable[T]],
    what: str,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Write, and return when that is committed. ``what`` names the write in the log."""
    backoff = Backoff(first=0.2, longest=10.0)
    while True:
        try:
            return await store.run(use_case)
        except StoreError as error:
            log.error("%s cannot be written yet: %s", what, error)
            await sleep(backoff.next())
