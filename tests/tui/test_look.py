"""The screens as text: each state at two sizes. PFINBOX_UPDATE_SNAPSHOTS=1 writes them anew."""

import pytest

from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, type_burst

STATES = {
    "list": "",
    "task": "\r",
    "reply": "rThank you, it is on its way.",
    "note": "nAsk accounting first",
    "picker": "r\t",
    "sent": "rThank you.\x13",
    "assign": "a",
    "snooze": "b",
    "views": "\x1b",
    "search": "/seats",
    "command": ":clo",
    "keys": "?",
    "empty": "gw",
    "prefix": "g",
}


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
@pytest.mark.parametrize("state", STATES)
async def test_the_look(inbox: Inbox, state: str, size: tuple[int, int]) -> None:
    async with on_stage(inbox, size=size, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, STATES[state])
        await compare(app, pilot, f"{state}-{size[0]}x{size[1]}")
