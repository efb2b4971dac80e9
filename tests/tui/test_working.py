"""Changing tasks by key, and taking it back (R35)."""

from datetime import timedelta

from pfinbox.store.rows import TaskRow
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.gateway import Gateway
from tests.builders import Inbox
from tests.tui.stage import on_stage, press, said, screen_text, settle, type_burst


async def row(inbox: Inbox, task_id: int) -> TaskRow:
    gateway = Gateway(inbox.store, inbox.agent_ids["anna"])
    return (await gateway.conversation(task_id)).task


def jakub(app: PfinboxApp) -> int:
    found = [r.id for r in app.main.task_list.rows if r.contact and r.contact.name == "Jakub Nowak"]
    return found[0]


async def test_mine_and_undo(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "ji")
        held = (await row(inbox, jakub(app))).assignee
        assert held is not None
        assert held.name == "Anna Lis"
        await type_burst(pilot, "z")
        assert (await row(inbox, jakub(app))).assignee is None


async def test_assign_by_typing_a_name(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "jacla\rk")
        held = (await row(inbox, jakub(app))).assignee
        assert held is not None
        assert held.name == "Clara Weiss"
        assert app.main.task_list.index == 0


async def test_close_and_undo(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        task_id = jakub(app)
        await type_burst(pilot, "je")
        assert (await row(inbox, task_id)).status == "done"
        await type_burst(pilot, "z")
        assert (await row(inbox, task_id)).status == "new"


async def test_close_and_next_from_inside_a_task(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        task_id = jakub(app)
        await type_burst(pilot, "j\rE")
        assert (await row(inbox, task_id)).status == "done"
        held = app.main.task_pane.conversation
        assert held is not None
        assert held.task.contact is not None
        assert held.task.contact.name == "Ольга П."


async def test_status_from_the_list_of_statuses(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        task_id = jakub(app)
        await type_burst(pilot, "jswait\r")
        assert (await row(inbox, task_id)).status == "waiting"


async def test_snooze_until_tomorrow_nine(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        task_id = jakub(app)
        await type_burst(pilot, "jbtomorrow\r")
        until = (await row(inbox, task_id)).snoozed_until
        assert until is not None
        assert (until.hour, until.minute) == (9, 0)
        assert until.date() == (inbox.clock() + timedelta(days=1)).date()
        await type_burst(pilot, "z")
        assert (await row(inbox, task_id)).snoozed_until is None


async def test_tags(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        task_id = jakub(app)
        await type_burst(pilot, "jtshop vip\r")
        assert (await row(inbox, task_id)).tags == ("shop", "vip")
        await type_burst(pilot, "z")
        assert (await row(inbox, task_id)).tags == ()


async def test_r34_trash_and_back(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        task_id = jakub(app)
        await type_burst(pilot, "j#")
        assert (await row(inbox, task_id)).deleted_at is not None
        await type_burst(pilot, "z")
        assert (await row(inbox, task_id)).deleted_at is None


async def test_undo_goes_back_step_by_step(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        task_id = jakub(app)
        await type_burst(pilot, "jie")
        assert (await row(inbox, task_id)).status == "done"
        await type_burst(pilot, "zz")
        held = await row(inbox, task_id)
        assert (held.status, held.assignee) == ("new", None)
        await type_burst(pilot, "z")
        assert "nothing to take back" in screen_text(app)


async def test_a_refusal_is_said_and_not_fatal(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        app.main.run_command("open", "#4711")
        await settle(pilot)
        assert app.is_running
        assert "there is no task" in said(app)


async def test_the_command_line(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "j:status rejected\r\r")
        assert (await row(inbox, jakub(app))).status == "rejected"
        await type_burst(pilot, ":view_inbox\r")
        assert app.main.list_pane.view == "inbox"
        await type_burst(pilot, ":nonsense\r")
        assert "There is no command nonsense" in said(app)


async def test_the_palette_runs_a_command(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await press(pilot, "j", "ctrl+p")
        await type_burst(pilot, "assign to me")
        await press(pilot, "enter")
        await press(pilot, "enter")
        held = (await row(inbox, jakub(app))).assignee
        assert held is not None
