"""Batches are made while others are stored: two at most, and as big as the store is quick."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

import pytest

from pfinbox.channels.mail.imap.ahead import Rest, ahead
from pfinbox.channels.mail.imap.pace import FIRST, LEAST, MOST, Pace
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.incoming import Ignored, Incoming
from pfinbox.domain.contract.reason import Reason


async def others_wait() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_two_wait_and_the_error_comes_after_what_was_made() -> None:
    made: list[int] = []
    closed: list[bool] = []
    at_work: set[int] = set()

    async def rest(number: int) -> int:
        at_work.add(number)
        try:
            await others_wait()
        finally:
            at_work.discard(number)
        return number

    async def source() -> AsyncGenerator[Rest[int], None]:
        try:
            for number in range(5):
                made.append(number)
                yield partial(rest, number)
            raise LookupError
        finally:
            closed.append(True)

    taken: list[int] = []

    async def take() -> None:
        async for number in ahead(source()):
            await others_wait()
            taken.append(number)
            # This one is stored now; two wait.
            assert len(made) <= number + 3

    with pytest.raises(LookupError):
        await take()
    assert taken == [0, 1, 2, 3, 4]
    assert made[:3] == [0, 1, 2]
    assert not at_work
    closed.clear()
    async with aclosing(ahead(source())) as numbers:
        assert await anext(numbers) == 0
    assert closed == [True]
    assert not at_work


async def test_a_batch_takes_a_tenth_of_a_second() -> None:
    now = 0.0
    each = 1 / 1024
    sizes: list[int] = []
    pace = Pace(lambda: now)

    async def batches() -> AsyncGenerator[Batch, None]:
        one = Incoming(key="", raw=b"", event=Ignored(reason=Reason("")))
        while True:
            yield Batch(items=(one,) * pace.size)

    async with aclosing(pace.keep(batches())) as kept:
        async for batch in kept:
            sizes.append(len(batch.items))
            now += len(batch.items) * each
            if len(sizes) == 6:
                each = 0.02
            if len(sizes) == 8:
                each = 0.0
            if len(sizes) == 16:
                break
    assert sizes[:6] == [FIRST, 100, 102, 102, 102, 102]
    assert sizes[6:8] == [102, LEAST]
    assert sizes[-1] == MOST
    # One live mail says little of many.
    pace.stored(1, 0.003)
    assert pace.size == MOST
