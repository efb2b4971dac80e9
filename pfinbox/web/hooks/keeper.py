"""Keeping admitted requests: many in one transaction, and never more than may wait for it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from pfinbox.errors import StoreError
from pfinbox.services.inbound import keeping as use_case
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.services.inbox import ProgramInbox
from pfinbox.web.site import INBOX

log = logging.getLogger(__name__)

# What waits to be written; beyond it the services are told to come back.
_MOST_WAITING = 500
_MOST_BYTES = 64 << 20
# Services give up after two to five seconds.
_PATIENCE = 1.8


class Keeper:
    """One writer for all hooks: while it writes, more gathers, and is written together."""

    def __init__(self, inbox: ProgramInbox, patience: float = _PATIENCE) -> None:
        self._inbox = inbox
        self._patience = patience
        self._waiting: list[tuple[Pushed, asyncio.Future[bool]]] = []
        self._bytes = 0
        self._gathered = asyncio.Event()

    async def keep(self, pushed: Pushed) -> bool:
        """Whether it is kept for certain; False: the service is to repeat it later.

        What is written too late is kept all the same; its repeat is recognised.
        """
        size = len(pushed.request.body)
        if len(self._waiting) >= _MOST_WAITING or self._bytes + size > _MOST_BYTES:
            return False
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((pushed, kept))
        self._bytes += size
        self._gathered.set()
        await asyncio.wait([kept], timeout=self._patience)
        return kept.done() and kept.result()

    async def run(self) -> None:
        """Write what gathers, until cancelled."""
        while True:
            await self._gathered.wait()
            self._gathered.clear()
            some, self._waiting, self._bytes = self._waiting, [], 0
            turned_away: frozenset[str] | None = None
            try:
                turned_away = await self._inbox.write(use_case.keep, [one for one, _kept in some])
            except StoreError as error:
                log.error("requests could not be kept: %s", error)
            except Exception:
                # A fault of ours with one request must not turn all later ones away.
                log.exception("requests could not be kept")
            for pushed, kept in some:
                kept.set_result(turned_away is not None and pushed.account not in turned_away)


KEEPER = web.AppKey("keeper", Keeper)


async def keeping(app: web.Application) -> AsyncIterator[None]:
    """The keeper works while the application does."""
    app[KEEPER] = keeper = Keeper(app[INBOX])
    work = asyncio.create_task(keeper.run())
    yield
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
