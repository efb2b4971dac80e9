"""How long one mail may keep the others waiting before it is put aside and read later."""

import time

# A mail with all its pictures takes a tenth of this.
FULL = 3.0
LEAST = 0.1
# Of a second that passes so much is had again.
_REGAINED = 0.05


class Patience:
    """Seconds of the processor: a third of what is left for each mail, and a tenth at least.

    Fifty mails in a row that would take ten seconds each delay the next one by eight.
    """

    def __init__(self, full: float = FULL) -> None:
        self._full = full
        self._left = full
        self._seen = time.monotonic()

    def next(self) -> float:
        """For the next mail."""
        now = time.monotonic()
        self._left = min(self._left + (now - self._seen) * _REGAINED, self._full)
        self._seen = now
        return max(self._left / 3, min(LEAST, self._full))

    def lost(self, seconds: float) -> None:
        """A mail took all that it was given."""
        self._left = max(self._left - seconds, 0.0)
