"""How fast we may send: Telegram's limits as token buckets, with a clock that can be given.

About 30 messages a second for a bot, one a second in a chat (short bursts pass), 20 a minute in a
group: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

import asyncio
import time
from collections.abc import Awaitable, Callable


class _Bucket:
    __slots__ = ("burst", "level", "per_second", "seen")

    def __init__(self, per_second: float, burst: float, now: float) -> None:
        self.per_second = per_second
        self.burst = burst
        self.level = burst
        self.seen = now

    def take(self, now: float) -> float:
        """Take one; the seconds until it is really there."""
        self.level = min(self.burst, self.level + (now - self.seen) * self.per_second)
        self.seen = now
        self.level -= 1
        return max(0.0, -self.level / self.per_second)

    def full(self, now: float) -> bool:
        return self.level + (now - self.seen) * self.per_second >= self.burst


class Pace:
    """One bot's speed; ``turn`` waits until the next message to a chat may go."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._bot = _Bucket(30, 30, clock())
        self._chats: dict[int, _Bucket] = {}

    async def turn(self, chat: int) -> None:
        now = self._clock()
        if len(self._chats) > 1000:
            self._chats = {c: b for c, b in self._chats.items() if not b.full(now)}
        bucket = self._chats.get(chat)
        if bucket is None:
            # groups have negative ids
            rate, burst = (20 / 60, 5) if chat < 0 else (1.0, 3)
            bucket = self._chats[chat] = _Bucket(rate, burst, now)
        wait = max(bucket.take(now), self._bot.take(now))
        if wait > 0:
            await self._sleep(wait)
