"""The screens as text: each state at two sizes. PFINBOX_UPDATE_SNAPSHOTS=1 writes them anew."""

import pytest

from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, settle, type_burst

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


@pytest.mark.parametrize("state", STATES)
async def test_the_look(inbox: Inbox, state: str) -> None:
    """At 120x36, and in the same app after its terminal became 80x24: a start costs a second."""
    # A new command of the table makes the thumb of the help's scrollbar a little shorter.
    thumb = "▁▂▃▄▅▆▇" if state == "keys" else ""
    async with on_stage(inbox, size=(120, 36), agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, STATES[state])
        await compare(app, pilot, f"{state}-120x36", *thumb)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, f"{state}-80x24", *thumb)
