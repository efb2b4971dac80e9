"""The help shows the keys, and only those for what is typed."""

from pfinbox.tui.outbox.outbox_screen import OutboxScreen
from tests.builders import Inbox
from tests.tui.stage import on_stage, press, screen_text, type_burst


async def test_help_filters_as_one_types(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "?")
        assert "Assign to an agent" in screen_text(app)
        await type_burst(pilot, "snooze")
        shown = screen_text(app)
        assert "Hide until later" in shown
        assert "Working on a task" in shown
        assert "Assign to an agent" not in shown
        assert "Moving" not in shown
        # Words of the heading and a key, in any order; what nothing has is said.
        await press(pilot, "ctrl+u")
        await type_burst(pilot, "g t view")
        assert "To answer" in screen_text(app)
        await type_burst(pilot, " qwertz")
        assert "No command has these words." in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert app.screen is app.main


async def test_what_is_done_where_the_agent_is_comes_first(inbox: Inbox) -> None:
    """From a pane, from the composer, and from a list over the panes, which it does not close."""
    async with on_stage(inbox, size=(80, 24)) as (app, pilot):
        for keys, first in (
            (("?",), "Working on a task"),
            (("enter", "?"), "The selected comment"),
            (("r", "f1"), "Writing"),
            (("escape", "g", "o", "?"), "In the outbox"),
        ):
            await press(pilot, *keys)
            lines = [line.strip(" │") for line in screen_text(app).splitlines()]
            assert lines[lines.index("type to filter") + 2].rstrip(" ▁▂▃▄▅▆▇█") == first
            # Where there is no room for the names of commands, nothing is cut.
            assert "…" not in "".join(lines[lines.index("type to filter") : -1])
            await press(pilot, "escape")
        assert isinstance(app.screen, OutboxScreen)
