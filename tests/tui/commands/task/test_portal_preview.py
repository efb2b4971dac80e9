"""The conversation with a client's eyes (R37)."""

from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, screen_text, settle, type_burst


async def test_r37_what_the_client_sees_and_why_the_rest_is_not_shown(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "V")
        await compare(app, pilot, "as-client-120x36")
        shown = screen_text(app)
        assert "As Maria Lopez sees #2" in shown
        assert "not shown:" in shown
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "as-client-80x24")
        await type_burst(pilot, "\x1b")
        assert app.screen is app.main
