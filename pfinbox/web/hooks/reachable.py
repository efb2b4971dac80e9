"""While the door is open, services can push: said now and then, of their accounts.

A service repeats what was not taken for some hours or days, and no longer.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from pfinbox.errors import StoreError
from pfinbox.services.inbound import gaps
from pfinbox.web.site import INBOX, SITE

log = logging.getLogger(__name__)

_EVERY = 600.0
# A store that cannot be written is tried again.
_SOON = 10.0


async def reachable(app: web.Application) -> AsyncIterator[None]:
    """It is said from the beginning on, while the application works."""
    work = asyncio.create_task(_go_on(app, await _say(app)))
    yield
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def _go_on(app: web.Application, wait: float) -> None:
    while True:
        await asyncio.sleep(wait)
        wait = await _say(app)


async def _say(app: web.Application) -> float:
    """Returns the seconds until it is to be said again."""
    try:
        await app[INBOX].write(gaps.reached, sorted(app[SITE].hooks))
    except StoreError as error:
        log.error("that services can push could not be written down: %s", error)
        return _SOON
    return _EVERY
