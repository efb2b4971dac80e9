"""Changing tasks by key, and taking it back (R35)."""

from datetime import timedelta

from pfinbox.services import queries
from pfinbox.store.rows import TaskRow
from pfinbox.tui.app import PfinboxApp
from tests.builders import Inbox
from tests.tui.stage import compare_both, on_stage, press, said, screen_text, settle, type_burst


async def row(inbox: Inbox, task_id: int) -> TaskRow:
    return (await inbox.acting("anna").read(queries.conversation, task_id)).task


def jakub(app: PfinboxApp) -> int:
    found = [r.id for r in app.main.task_list.rows if r.contact and r.contact.name == "Jakub Nowak"]
    return found[0]


async def test_r35_r34_every_change_of_a_task_is_taken_back(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        task_id = jakub(app)
        await type_burst(pilot, "ji")
        held = (await row(inbox, task_id)).assignee
        assert held is not None
        assert held.name == "Anna Lis"
        await type_burst(pilot, "z")
        assert (await row(inbox, task_id)).assignee is None
        # Assigned by typing a name; the next key is the list's again.
        await type_burst(pilot, "ggjacla\rk")
        held = (await row(inbox, task_id)).assignee
        assert held is not None
        assert held.name == "Clara Weiss"
        assert app.main.task_list.index == 0
        await type_burst(pilot, "zggje")
        assert (await row(inbox, task_id)).status == "done"
        await type_burst(pilot, "z")
        assert (await row(inbox, task_id)).status == "new"
        await type_burst(pilot, "ggjbtomorrow\r")
        until = (await row(inbox, task_id)).snoozed_until
        assert until is not None
        assert (until.hour, until.minute) == (9, 0)
        assert until.date() == (inbox.clock() + timedelta(days=1)).date()
        await type_burst(pilot, "z")
        assert (await row(inbox, task_id)).snoozed_until is None
        await type_burst(pilot, "ggjtshop vip\r")
        assert (await row(inbox, task_id)).tags == ("shop", "vip")
        await type_burst(pilot, "z")
        assert (await row(inbox, task_id)).tags == ()
        # Step by step, until nothing is left.
        await type_burst(pilot, "ggjie")
        assert (await row(inbox, task_id)).status == "done"
        await type_burst(pilot, "zz")
        last = await row(inbox, task_id)
        assert (last.status, last.assignee) == ("new", None)
        await type_burst(pilot, "z")
        assert "nothing to take back" in screen_text(app)
        # R34: to the trash and back.
        await type_burst(pilot, "ggj#")
        assert (await row(inbox, task_id)).deleted_at is not None
        await type_burst(pilot, "z")
        assert (await row(inbox, task_id)).deleted_at is None


async def test_r35_close_and_next_statuses_palette_and_command_line(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        task_id = jakub(app)
        # Closed from inside a task, which shows the next one.
        await type_burst(pilot, "j\rE")
        assert (await row(inbox, task_id)).status == "done"
        shown = app.main.task_pane.conversation
        assert shown is not None
        assert shown.task.contact is not None
        assert shown.task.contact.name == "Ольга П."
        await type_burst(pilot, "\x1bzgg")
        # The palette runs a command.
        await press(pilot, "j", "ctrl+p")
        await type_burst(pilot, "assign to me")
        await compare_both(app, pilot, "palette")
        await press(pilot, "enter")
        held = (await row(inbox, task_id)).assignee
        assert held is not None
        # A status from the list of statuses, and by the command line.
        await type_burst(pilot, "swait\r")
        assert (await row(inbox, task_id)).status == "waiting"
        await type_burst(pilot, ":status rejected\r\r")
        assert (await row(inbox, task_id)).status == "rejected"
        await type_burst(pilot, ":view_inbox\r")
        assert app.main.list_pane.view == "inbox"
        await type_burst(pilot, ":nonsense\r")
        assert "There is no command nonsense" in said(app)
        # A refusal is said and not fatal.
        app.main.run_command("open", "#4711")
        await settle(pilot)
        assert app.is_running
        assert "There is no task" in said(app)
