"""How often a chore looks: as seldom as nobody notices (R24)."""

import asyncio
from typing import Any, cast

from pfinbox.daemon.chores.chore import Chore


class Counting(Chore):
    """A chore that finds nothing to do."""

    what = "nothing"

    def __init__(self) -> None:
        super().__init__(*cast(Any, (None, None, {})))
        self.looks = 0
        self.looked = asyncio.Event()

    async def look(self) -> float:
        self.looks += 1
        self.looked.set()
        return 60.0


async def test_news_in_a_burst_is_one_look_and_the_last_of_it_is_seen() -> None:
    """R24: what comes during the breath between two looks is found by the second one."""
    chore = Counting()
    running = asyncio.create_task(chore.run())
    await chore.looked.wait()
    chore.looked.clear()
    for _one in range(30):
        chore.wake.set()
        await asyncio.sleep(0)
    assert chore.looks == 1
    await chore.looked.wait()
    assert (chore.looks, chore.wake.is_set()) == (2, False)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
