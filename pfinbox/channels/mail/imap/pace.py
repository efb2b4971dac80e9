"""How many mails make a batch: as many as are stored in about a tenth of a second.

While they are, SQLite lets nobody else write; and each batch costs the same for the whole of it.
History takes three times that: nobody waits for it, and a larger batch costs less of the processor.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from pfinbox.domain.contract.batch import Batch

_SECONDS = 0.1
_HISTORY_SECONDS = 0.3
# Smaller ones cost half as much again. The first ones are fetched before anything was stored.
FIRST, LEAST = 50, 20
MOST = 400


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
                history = any(one.history for one in batch.items)
                self.stored(len(batch.items), self._clock() - began, history=history)

    def stored(self, mails: int, seconds: float, *, history: bool = False) -> None:
        """So many took so long."""
        if mails:
            wanted = _HISTORY_SECONDS if history else _SECONDS
            fit = int(mails * wanted / max(seconds, 0.001))
            # A batch of one says little of many.
            if mails * 2 >= self.size or seconds > wanted:
                self.size = max(LEAST, min(fit, 2 * self.size, MOST))
