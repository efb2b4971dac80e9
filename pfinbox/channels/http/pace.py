"""How fast a service may be asked: a bucket of tokens, whose clock and sleep can be given."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class Pace:
    """``rate`` a second, as many at once; ``turn`` waits until the next one may go."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._level = rate
        self._seen = clock()

    async def turn(self) -> None:
        now = self._clock()
        self._level = min(self._rate, self._level + (now - self._seen) * self._rate)
        self._seen = now
        # Taken before it is there: who comes next waits behind.
        self._level -= 1
        if self._level < 0:
            await self._sleep(-self._level / self._rate)
