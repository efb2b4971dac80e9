"""How often something may be done: a bucket of tokens for each who does it."""

from collections import OrderedDict
from collections.abc import Callable

_MOST = 10_000


class Budget:
    """``burst`` at once, and ``rate`` a second from then on; kept for those seen lately."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        # What is left, and as of when.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def left(self, who: str) -> float:
        """How much of it they have now."""
        left, then = self._left.get(who, (self._burst, 0.0))
        return min(self._burst, left + (self._clock() - then) * self._rate)

    def spend(self, who: str) -> bool:
        """Take one; False when nothing is left."""
        left = self.left(who)
        allowed = left >= 1
        self._left[who] = (left - allowed, self._clock())
        self._left.move_to_end(who)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)
        return allowed
