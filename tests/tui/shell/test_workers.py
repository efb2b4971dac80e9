"""Background reads of the screen: the newest one is shown."""

import asyncio
from functools import partial

from pfinbox.tui.shell import workers
from tests.builders import Inbox
from tests.tui.stage import on_stage, settle


async def test_r47_of_several_reads_of_one_name_the_newest_is_shown(inbox: Inbox) -> None:
    """Whether the ones before have begun by then or not: the task shown is the one at hand."""
    begun: list[int] = []
    first, may_end = asyncio.Event(), asyncio.Event()

    async def number(value: int) -> int:
        begun.append(value)
        first.set()
        await may_end.wait()
        return value

    async with on_stage(inbox) as (app, pilot):
        shown: list[int] = []

        def ask(value: int) -> None:
            workers.ask(app.main, "number", partial(number, value), shown.append)

        # None of them can begin before this turn of the event loop ends.
        for value in (1, 2, 3):
            ask(value)
        await first.wait()
        assert begun == [3]
        for value in (4, 5):
            ask(value)
        may_end.set()
        await settle(pilot)
        assert begun == [3, 5]
        assert shown == [5]
