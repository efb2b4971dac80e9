"""Once a day: bytes that are older than the configuration keeps them."""

import logging
from collections.abc import Awaitable, Callable
from typing import ClassVar

from pfinbox.daemon.chores.chore import Chore
from pfinbox.services.privacy import retention
from pfinbox.services.privacy.retention import Step
from pfinbox.store.uow import UnitOfWork

log = logging.getLogger(__name__)

_EVERY = 86_400.0
# Until there are accounts to serve: whoever serves them does it.
_SOON = 60.0


class Retention(Chore):
    """Removes files and originals in small steps; a walk that was cut off begins anew."""

    what = "what is older than it is kept"
    _WALKS: ClassVar[tuple[Callable[[UnitOfWork, int], Awaitable[Step]], ...]] = (
        retention.remove_files,
        retention.remove_originals,
    )

    # Which walk it is on, how far that has come, and what it has removed.
    _walk = 0
    _after = 0
    _removed = 0

    async def look(self) -> float:
        if not self._channels:
            return _SOON
        walk, after = self._WALKS[self._walk], self._after
        done = await self._store.run(lambda uow: walk(uow, after))
        self._removed += done.removed
        if done.last is not None:
            self._after = done.last
            return 0.0
        if self._removed:
            log.info("%d files and originals were older than they are kept", self._removed)
        self._after = self._removed = 0
        self._walk = (self._walk + 1) % len(self._WALKS)
        return 0.0 if self._walk else _EVERY
