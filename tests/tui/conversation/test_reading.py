"""What counts as read and what as new in a conversation, and changes in a row (R21, R41)."""

from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.tasks import tasks
from pfinbox.tui.app import PfinboxApp
from tests.builders import Inbox
from tests.tui.inbox.test_bulk import ids
from tests.tui.stage import compare_both, on_stage, screen_text, settle, type_burst

NEW = "── new ──"


async def reads(app: PfinboxApp) -> None:
    """As if the moment were over in which what is on the screen is looked at."""
    looking = app.main.task_pane._looking
    if looking._timer is not None:
        looking._timer.stop()
        looking._passed()


async def test_r41_a_task_looked_at_for_a_moment_is_read_unless_kept_unread(inbox: Inbox) -> None:
    # Longer than the test: it says itself when the moment is over.
    async with on_stage(inbox, read_after=60) as (app, pilot):

        def unread() -> list[int]:
            return [row.id for row in app.main.task_list.rows if row.unread]

        first, _second, third, *_rest = ids(app)
        assert {first, third} <= set(unread())
        # Passing by reads nothing, nor does a window that is not looked at.
        await type_burst(pilot, "jjkk")
        app.app_focus = False
        await reads(app)
        await settle(pilot)
        assert first in unread()
        app.app_focus = True
        await reads(app)
        await settle(pilot)
        assert first not in unread()
        assert third in unread()
        assert NEW in screen_text(app)
        # Kept unread, it stays so under the cursor; after a step away it is looked at anew.
        await type_burst(pilot, "U")
        await reads(app)
        await settle(pilot)
        assert first in unread()
        await type_burst(pilot, "jk")
        await reads(app)
        await settle(pilot)
        assert first not in unread()


async def test_the_line_over_what_is_new_goes_when_it_was_read(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "j\r")
        assert NEW in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert NEW not in screen_text(app)
        # What comes now is new, until it is answered.
        await inbox.says("And on Sunday?", user="77", name="Jakub Nowak")
        app.main.reload()
        await settle(pilot)
        above, _line, below = screen_text(app).partition(NEW)
        assert "open on Saturday" in above
        assert "And on Sunday?" in below
        await type_burst(pilot, "\rrYes\x13")
        assert NEW not in screen_text(app)


async def test_r21_changes_in_a_row_are_one_line_until_they_are_asked_for(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        task_id = ids(app)[1]
        for login, status in (("anna", "open"), ("boris", "waiting"), ("anna", "new")):
            inbox.clock.advance(minutes=1)
            await inbox.acting(login).write(tasks.change, (task_id,), TaskChange(status=status))
        await type_burst(pilot, "O")
        assert "No changes in a row stand here." in screen_text(app)
        await type_burst(pilot, "j")
        assert "▸ 3 changes by Anna Lis, Boris Orlov, last" in screen_text(app)
        assert "set the status" not in screen_text(app)
        await compare_both(app, pilot, "changes")
        await type_burst(pilot, "O")
        assert screen_text(app).count("set the status") == 3
        await type_burst(pilot, "O")
        assert "▸ 3 changes" in screen_text(app)
