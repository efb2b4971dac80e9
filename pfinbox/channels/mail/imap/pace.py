"""How many mails make a batch: as many as are stored in about a tenth of a second.

While they are, SQLite lets nobody else write; and each batch costs the same for the whole of it.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from pfinbox.domain.contract.batch import Batch

_SECONDS = 0.1
# Smaller ones cost half as much again.
FIRST = 20
MOST = 200


class Pace:
    """Begins small and doubles at most, so that one slow batch is the worst that can happen."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.size = FIRST

    async def keep(self, batches: AsyncGenerator[Batch, None]) -> AsyncGenerator[Batch, None]:
        """The same batches; whoever asks for the next one has stored the one before."""
        async with aclosing(batches):
            async for batch in batches:
                began = self._clock()
                yield batch
                self.stored(len(batch.items), self._clock() - began)

    def stored(self, mails: int, seconds: float) -> None:
        """So many took so long."""
        if mails:
            fit = int(mails * _SECONDS / max(seconds, 0.001))
            # A batch of one says little of many.
            if mails * 2 >= self.size or seconds > _SECONDS:
                self.size = max(FIRST, min(fit, 2 * self.size, MOST))
