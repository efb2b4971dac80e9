"""Batches made while the one before them is stored: fetching, reading and storing overlap."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

T = TypeVar("T")

# What is left to do for a batch, beside whatever else is done.
Rest = Callable[[], Coroutine[Any, Any, T]]


async def ahead(source: AsyncGenerator[Rest[T], None]) -> AsyncGenerator[T, None]:
    """What becomes of each, in this order; ``source`` is closed with this generator.

    Up to two are made while the one before them is in use: the rest of one is done while
    ``source`` begins the next.
    """
    # One in the queue, one in the hands of whoever waits for room there.
    made: asyncio.Queue[asyncio.Task[T]] = asyncio.Queue(1)
    begun: set[asyncio.Task[Any]] = set()

    async def make() -> None:
        async with aclosing(source):
            async for rest in source:
                one = asyncio.create_task(rest())
                begun.add(one)
                await made.put(one)

    making = asyncio.create_task(make())
    begun.add(making)
    try:
        while not (making.done() and made.empty()):
            getting = asyncio.create_task(made.get())
            try:
                await asyncio.wait({getting, making}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                # It leaves what it was about to take in the queue.
                taken = getting.done() or not getting.cancel()
            if taken:
                one = getting.result()
                begun.discard(one)
                try:
                    found = await one
                finally:
                    one.cancel()
                yield found
        making.result()
    finally:
        for one in begun:
            one.cancel()
        await asyncio.wait(begun)
        for one in begun:
            if not one.cancelled():
                one.exception()  # of one that nobody waits for any more
