"""How long to wait after a failure: longer each time, never all at one moment."""

import random


class Backoff:
    """Doubling delays with jitter, in seconds; ``reset()`` after a success.

    Of what was wrong for long all is as it should be within a minute after its end: half of that
    is for the work that waits.
    """

    def __init__(self, first: float = 1.0, longest: float = 30.0) -> None:
        self._first = first
        self._longest = longest
        self._failures = 0

    def next(self, at_least: float | None = None) -> float:
        delay = min(self._first * 2 ** min(self._failures, 20), self._longest)
        self._failures += 1
        delay = random.uniform(delay / 2, delay)  # noqa: S311
        return max(delay, at_least or 0.0)

    def reset(self) -> None:
        self._failures = 0
