"""Mails that a server would not give: how often, and when it is time to go on without one."""

import time
from collections.abc import Callable

TIMES = 3
# A server that says "later" is asked later: an outage must not look like three damaged mails.
LATER_SECONDS = 900.0


class NotGiven:
    """By key; outlives the sessions of an account."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: dict[str, int] = {}
        self._counted: dict[str, float] = {}

    def count(self, key: str, *, later: bool = False) -> bool:
        """Note a refusal; whether there were enough. ``later``: the server says it will pass."""
        now = self._clock()
        if not later or now - self._counted.get(key, -LATER_SECONDS) >= LATER_SECONDS:
            self._times[key] = self._times.get(key, 0) + 1
            self._counted[key] = now
        return self.is_given_up(key)

    def is_given_up(self, key: str) -> bool:
        return self._times.get(key, 0) >= TIMES
