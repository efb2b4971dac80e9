"""The help shows the keys, and only those for what is typed."""

from tests.builders import Inbox
from tests.tui.stage import on_stage, press, screen_text, type_burst


async def test_help_filters_as_one_types(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "?")
        assert "Next line" in screen_text(app)
        await type_burst(pilot, "snooze")
        shown = screen_text(app)
        assert "Hide until later" in shown
        assert "Working on a task" in shown
        assert "Next line" not in shown
        assert "Moving" not in shown
        # Words of the heading and a key, in any order; what nothing has is said.
        await press(pilot, "ctrl+u")
        await type_burst(pilot, "g t view")
        assert "To answer" in screen_text(app)
        await type_burst(pilot, " qwertz")
        assert "No command has these words." in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert app.screen is app.main
