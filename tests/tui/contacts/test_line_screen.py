"""Everything with one person in one scroll: newest at the bottom, older by pages, enter goes in."""

from pfinbox.tui.contacts.line_screen import LineScreen
from pfinbox.tui.contacts.line_view import LineView
from tests.builders import Inbox
from tests.tui.scene import many_say, task_of
from tests.tui.stage import compare, on_stage, screen_text, settle, type_burst


def view(app: object) -> LineView:
    assert isinstance(app.screen, LineScreen)  # type: ignore[attr-defined]
    return app.screen.view  # type: ignore[attr-defined]


def in_sight(app: object) -> list[str]:
    """Without the scrollbar, which knows that more has come."""
    return [line[:110] for line in screen_text(app).splitlines()[4:30]]  # type: ignore[arg-type]


async def test_a_persons_line_across_tasks(inbox: Inbox) -> None:
    await many_say(inbox, [(f"Number {n}", "77", "Jakub Nowak") for n in range(110)])
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "CL")
        assert view(app).rows[0].title == "The manual"
        assert view(app).rows[-1].title == "Invoice 2231 is wrong"
        assert "Thanks, got it. One more thing" in screen_text(app)
        await compare(app, pilot, "line-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "line-80x24")
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        # Up to the first task, and into it.
        await type_burst(pilot, "gg")
        assert "━━ #1  The manual" in screen_text(app)
        await type_burst(pilot, "\r")
        assert app.main.task_pane.task_id == 1
        # From the list, of another person; what is older comes when one goes up.
        await type_burst(pilot, "\x1bj")
        await type_burst(pilot, "L")
        assert len(view(app).rows) == 100
        assert "Number 109" in screen_text(app)
        await type_burst(pilot, "gg")
        await type_burst(pilot, "gg")
        assert len(view(app).rows) == 111
        assert "Hi! Is the shop open on Saturday?" in screen_text(app)
        # Something comes: nothing moves in sight.
        before = in_sight(app)
        await task_of(inbox, await inbox.says("Newest", user="77", name="Jakub Nowak"))
        app.screen.reload()  # type: ignore[attr-defined]
        await settle(pilot)
        assert view(app).rows[-1].comment.text == "Newest"
        assert in_sight(app) == before
        await type_burst(pilot, "G")
        assert "Newest" in screen_text(app)
