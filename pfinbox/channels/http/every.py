"""What is done again and again while a channel receives."""

import time
from collections.abc import Callable


class Every:
    """Says when something is due: at once, and then so many seconds after it was done."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._next: float | None = None

    @property
    def first(self) -> bool:
        """It was never done yet."""
        return self._next is None

    @property
    def due(self) -> bool:
        return self._next is None or self._clock() >= self._next

    def done(self, seconds: float | None = None) -> None:
        """``seconds`` until the next time, where it is to be another than usual."""
        self._next = self._clock() + (self._seconds if seconds is None else seconds)
