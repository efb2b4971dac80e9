"""What open pages look at again: once after a change, however many of them there are."""

import asyncio

import pytest

from pfinbox.domain.actor import SystemActor
from pfinbox.errors import StoreBusy
from pfinbox.services.inbox import ProgramInbox
from pfinbox.web.live import Live
from tests.builders import Inbox


async def test_pages_of_one_person_look_once_after_a_change(inbox: Inbox) -> None:
    live = Live(ProgramInbox(inbox.store, SystemActor("web")))
    reads: list[str] = []
    busy = [StoreBusy("busy")]

    async def read() -> int:
        await asyncio.sleep(0)
        reads.append("read")
        if busy:
            raise busy.pop()
        return len(reads)

    with live.watch(1, 7), live.watch(1, 8):
        # What failed is asked for again.
        with pytest.raises(StoreBusy):
            await live.look(1, "maria", read)
        assert await asyncio.gather(*(live.look(1, "maria", read) for _n in range(3))) == [2, 2, 2]
        assert await live.look(1, "her colleague", read) == 3
        live.wake({2})
        assert await live.look(1, "maria", read) == 2
        live.wake({1})
        assert await live.look(1, "maria", read) == 4
    # Nobody looks any more: nothing is kept.
    with live.watch(1, 7):
        assert await live.look(1, "maria", read) == 5
    await live.end()
