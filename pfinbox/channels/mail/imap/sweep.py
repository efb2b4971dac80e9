"""The periodic sweep: what a server has and we have not, although we have read past it.

UIDs are given out in order (RFC 3501), but servers with replicas, and ones that were restored,
show some late; a mail must not be lost because another one was seen first.
"""

import time
from collections.abc import Awaitable, Callable, Collection

from pfinbox.channels.mail.imap.cursor import Position

Stored = Callable[[str], Awaitable[Collection[str]]]


class Sweep:
    """When to compare, and with what; outlives the sessions of an account.

    ``stored`` gives the keys of the account's receipts that begin with a text; None: nobody knows.
    """

    def __init__(self, stored: Stored | None, seconds: float) -> None:
        self._stored = stored
        self._seconds = seconds
        self._next = 0.0

    def is_due(self) -> bool:
        return self._stored is not None and time.monotonic() >= self._next

    def done(self) -> None:
        self._next = time.monotonic() + self._seconds

    async def overlooked(self, name: str, position: Position, found: list[int]) -> list[int]:
        """The UIDs of ``found`` that should be here and are not, ascending."""
        if self._stored is None:
            return []
        expected = [uid for uid in found if position.is_handed_over(uid)]
        prefix = f"{name}:{position.uidvalidity}:"
        known = set(await self._stored(prefix)) if expected else set()
        return [uid for uid in expected if f"{prefix}{uid}" not in known]
