"""Send and close, send and snooze, send and on to the next client (R18, R35, R41, R47)."""

from sqlalchemy import select

from pfinbox.store import tables as t
from pfinbox.tui.dialogs.moment import ChooseMoment
from pfinbox.tui.shell.command import COMPOSER, LIST, TASK
from tests.builders import Inbox
from tests.tui.inbox.test_bulk import ids
from tests.tui.stage import on_stage, press, screen_text, type_burst


async def state(inbox: Inbox, task_id: int) -> tuple[bool, bool]:
    """Whether the task is open, and whether it is hidden."""
    async with inbox.store.read() as uow:
        query = select(t.task.c.active, t.task.c.snoozed_until).where(t.task.c.id == task_id)
        row = (await uow.connection.execute(query)).one()
    return row.active, row.snoozed_until is not None


async def test_one_key_sends_and_closes_or_hides_and_one_takes_both_back(inbox: Inbox) -> None:
    async with on_stage(inbox, undo_send=10) as (app, pilot):
        first, second, third, *_rest = ids(app)
        composer = app.main.task_pane.composer
        await type_burst(pilot, "rBye")
        await press(pilot, "ctrl+d")
        assert await state(inbox, first) == (False, False)
        assert "Closed · Sends in 10 s (z takes it back)" in screen_text(app)
        assert (app.main.place, app.main.task_list.cursor) == (LIST, second)
        await type_burst(pilot, "z")
        assert await state(inbox, first) == (True, False)
        assert (app.main.place, app.main.task_list.cursor) == (LIST, first)
        assert composer.box.text == "Bye"
        # Left at the question, nothing is sent and nothing is hidden.
        await type_burst(pilot, "r")
        await press(pilot, "ctrl+b")
        assert isinstance(app.screen, ChooseMoment)
        await type_burst(pilot, "\x1b")
        assert (app.main.place, await state(inbox, first)) == (COMPOSER, (True, False))
        await press(pilot, "ctrl+b")
        await type_burst(pilot, "tomorrow 9:00\r")
        assert await state(inbox, first) == (True, True)
        assert "Back tomorrow 09:00 · Sends in 10 s" in screen_text(app)
        await type_burst(pilot, "z")
        assert await state(inbox, first) == (True, False)
        # A note closes, too; it stays when the task is opened again.
        await type_burst(pilot, "\x1bnDone by phone")
        await press(pilot, "ctrl+d")
        assert await state(inbox, first) == (False, False)
        await type_burst(pilot, "z")
        assert await state(inbox, first) == (True, False)
        assert ids(app)[:3] == [first, second, third]


async def test_r47_the_next_client_is_opened_and_gets_no_key_that_was_typed_before(
    inbox: Inbox,
) -> None:
    async with on_stage(inbox, undo_send=10) as (app, pilot):
        first, second, *_rest = ids(app)
        await type_burst(pilot, "\rrAnswer")
        await press(pilot, "ctrl+n", "e")
        assert (app.main.place, app.main.at_hand) == (TASK, second)
        assert app.main.task_list.cursor == second
        assert await state(inbox, second) == (True, False)
        await type_burst(pilot, "z")
        assert f"it is a draft in #{first} again" in screen_text(app)
        # Nobody else waits: back in the list.
        await type_burst(pilot, "\x1bgt*" + "x")
        await type_burst(pilot, "e")
        left = ids(app)
        await type_burst(pilot, f":{left[0]}\rrLast")
        await press(pilot, "ctrl+n")
        assert app.main.place == LIST
        assert "No other client waits for an answer." in screen_text(app)
