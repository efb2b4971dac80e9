"""Batches made while the one before them is stored: fetching, reading and storing overlap."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def ahead(source: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The same, but up to two of them wait; ``source`` is closed with this generator."""
    # One in the queue, one in the hands of whoever waits for room there.
    made: asyncio.Queue[T] = asyncio.Queue(1)

    async def make() -> None:
        async with aclosing(source):
            async for one in source:
                await made.put(one)

    making = asyncio.create_task(make())
    try:
        while not (making.done() and made.empty()):
            getting = asyncio.create_task(made.get())
            try:
                await asyncio.wait({getting, making}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                # It leaves what it was about to take in the queue.
                taken = getting.done() or not getting.cancel()
            if taken:
                yield getting.result()
        making.result()
    finally:
        making.cancel()
        await asyncio.wait({making})
        if not making.cancelled():
            making.exception()  # of one that nobody waits for any more
