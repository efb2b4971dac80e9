"""The screens as text: each state at two sizes. PFINBOX_UPDATE_SNAPSHOTS=1 writes them anew."""

import pytest
from textual.pilot import Pilot

from pfinbox.tui.app import PfinboxApp
from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, settle, type_burst

# What is typed one after the other in one app, and how each state is left.
STATES = {
    "list": ("", ""),
    "assign": ("a", "\x1b"),
    "snooze": ("b", "\x1b"),
    "tags": ("t", "\x1b"),
    "command": (":clo", "\x1b"),
    "keys": ("?", "\x1b"),
    "prefix": ("g", "\x1b"),
    "views": ("\t\t", "\r"),
    "search": ("/seats", "\x1b"),
    "empty": ("gw", "gt"),
}
# These leave something behind.
ALONE = {
    "task": "\r",
    "reply": "rThank you, it is on its way.",
    "note": "nAsk accounting first",
    "picker": "r\t",
    "sent": "\rrThank you.\x13",
}


async def look_at(app: PfinboxApp, pilot: Pilot[None], state: str) -> None:
    """At 120x36, and in the same app after its terminal became 80x24."""
    # A new command of the table makes the thumb of the help's scrollbar a little shorter.
    thumb = "▁▂▃▄▅▆▇" if state == "keys" else ""
    await compare(app, pilot, f"{state}-120x36", *thumb)
    await pilot.resize_terminal(80, 24)
    await settle(pilot)
    await compare(app, pilot, f"{state}-80x24", *thumb)


async def test_the_look_of_what_is_left_without_a_trace(inbox: Inbox) -> None:
    async with on_stage(inbox, size=(120, 36), agent_name="Anna Lis") as (app, pilot):
        for state, (keys, leave) in STATES.items():
            await type_burst(pilot, keys)
            await look_at(app, pilot, state)
            await pilot.resize_terminal(120, 36)
            await type_burst(pilot, leave)


@pytest.mark.parametrize("state", ALONE)
async def test_the_look(inbox: Inbox, state: str) -> None:
    async with on_stage(inbox, size=(120, 36), agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, ALONE[state])
        await look_at(app, pilot, state)
