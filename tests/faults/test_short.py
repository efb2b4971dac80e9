"""A few rows of the fault machine, with a new seed each time (R12, R24)."""

import random

from tests.faults.__main__ import all_rows, run
from tests.faults.row import Budget

# Replay one with: python -m tests.faults --rows 1 --seed N --kills 2
_ROWS = ("1",)


async def test_r12_r24_nothing_is_lost_or_twice_whatever_breaks() -> None:
    chosen = [one for one in all_rows() if one.number in _ROWS]
    seed = random.randrange(1_000_000)
    outcomes = await run(chosen, ("sqlite",), Budget(kills=2), seed, say=False)
    assert {one.seed: missed for one in outcomes if (missed := one.misses())} == {}
