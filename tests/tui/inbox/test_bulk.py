"""Several tasks at once: marked, changed in one step, taken back in one step (R35)."""

from pfinbox.tui.app import PfinboxApp
from tests.builders import Inbox
from tests.tui.commands.task.test_triage import row
from tests.tui.scene import change
from tests.tui.stage import compare, on_stage, said, screen_text, settle, type_burst


def ids(app: PfinboxApp) -> list[int]:
    return [one.id for one in app.main.task_list.rows]


async def test_r35_marked_tasks_are_changed_and_put_back_together(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        first, second, third = ids(app)[:3]
        await type_burst(pilot, "xxxk")
        await type_burst(pilot, "x")
        assert app.main.task_list.marked == {first, second}
        await type_burst(pilot, "tvip\r")
        assert not app.main.task_list.marked
        assert "2 tasks: #vip added" in screen_text(app)
        assert (await row(inbox, first)).tags == ("billing", "vip")
        assert (await row(inbox, second)).tags == ("vip",)
        await type_burst(pilot, "ggxvjjve")
        assert [(await row(inbox, one)).status for one in (first, second, third)] == ["done"] * 3
        await type_burst(pilot, "zz")
        assert [(await row(inbox, one)).status for one in (first, second, third)] == ["new"] * 3
        assert (await row(inbox, first)).tags == ("billing",)
        assert (await row(inbox, second)).tags == ()


async def test_r35_bulk_assign_snooze_and_trash_with_the_way_back(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        before = {one: await row(inbox, one) for one in ids(app)}
        await type_burst(pilot, "*acla\r")
        held = [(await row(inbox, one)).assignee for one in before]
        assert {one.name for one in held if one} == {"Clara Weiss"}
        await type_burst(pilot, "*btomorrow\r")
        assert all([(await row(inbox, one)).snoozed_until for one in before])
        await type_burst(pilot, "zz")
        for one, was in before.items():
            now = await row(inbox, one)
            assert (now.assignee, now.snoozed_until) == (was.assignee, None)
            assert now.waiting_since == was.waiting_since
        await type_burst(pilot, "gt*#")
        assert all([(await row(inbox, one)).deleted_at for one in before])
        await type_burst(pilot, "z")
        assert not any([(await row(inbox, one)).deleted_at for one in before])


async def test_r42_r32_bulk_spam_and_merge_with_the_way_back(inbox: Inbox) -> None:
    async with on_stage(inbox, notifications=True) as (app, pilot):
        before = {one: await row(inbox, one) for one in ids(app)}
        # Marked spam together: tasks of mail and messenger, one of somebody with a finished task.
        await type_burst(pilot, "*!")
        assert not app.main.task_list.marked
        assert "5 tasks: In Spam" in screen_text(app)
        await type_burst(pilot, "g!")
        assert sorted(ids(app)) == sorted(before)
        # What they write now concerns nobody.
        await inbox.says("Buy now", user="77", name="Jakub Nowak")
        # Out of it by the same key on marks, in again by undo, and undone from the start.
        await type_burst(pilot, "*!gt")
        assert len(ids(app)) == len(before)
        await type_burst(pilot, "z")
        assert [(await row(inbox, one)).deleted_at is None for one in before] == [False] * 5
        await type_burst(pilot, "z")
        for one, was in before.items():
            now = await row(inbox, one)
            assert (now.deleted_at, now.assignee, now.tags) == (None, was.assignee, was.tags)
            assert now.waiting_since == was.waiting_since
        assert not said(app)
        # Three into one, after the question about different clients; and apart again.
        await type_burst(pilot, "gtgg")
        first, second, third = ids(app)[:3]
        await type_burst(pilot, "xxxM")
        await type_burst(pilot, "\r")
        await type_burst(pilot, "\r")
        assert (await row(inbox, second)).id == (await row(inbox, third)).id == first
        assert not app.main.task_list.marked
        await type_burst(pilot, "z")
        assert [(await row(inbox, one)).id for one in (first, second, third)] == [
            first,
            second,
            third,
        ]
        assert not said(app)


async def test_of_two_who_take_a_task_the_first_keeps_it(inbox: Inbox) -> None:
    """The screen still shows nobody; the store knows better, and the loser is told who."""
    async with on_stage(inbox, notifications=True) as (app, pilot):
        task = app.main.task_list.rows[1]
        boris = inbox.agent("boris")
        await type_burst(pilot, "j")
        # As if both had pressed the key before either's news came.
        await app.stop_listening()
        await change(inbox, task.id, assignee=boris)
        await type_burst(pilot, "i")
        assert f"Boris Orlov has taken #{task.id} meanwhile" in said(app)
        held = (await row(inbox, task.id)).assignee
        assert held is not None
        assert held.who == boris


async def test_r35_unread_is_this_agents_only_and_what_left_the_view_is_not_worked_on(
    inbox: Inbox,
) -> None:
    async with on_stage(inbox) as (app, pilot):
        first = ids(app)[0]
        await type_burst(pilot, "\r")
        assert not (await row(inbox, first)).unread
        await type_burst(pilot, "U")
        assert app.main.place == "list"
        assert (await row(inbox, first)).unread
        await type_burst(pilot, "*I")
        assert not any([(await row(inbox, one)).unread for one in ids(app)])
        await type_burst(pilot, "z")
        assert all([(await row(inbox, one)).unread for one in ids(app)])
        # A colleague closes a marked task: the mark goes with it.
        await type_burst(pilot, "gg")
        first, second = ids(app)[:2]
        await type_burst(pilot, "xx")
        assert app.main.task_list.marked == {first, second}
        await change(inbox, second, status="done")
        app.main.reload()
        await settle(pilot)
        assert app.main.task_list.marked == {first}


async def test_marked_tasks_look_so_until_escape_or_another_view(inbox: Inbox) -> None:
    async with on_stage(inbox, size=(120, 36), agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "xjx")
        await compare(app, pilot, "marked-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "marked-80x24")
        await type_burst(pilot, "\x1b")
        assert not app.main.task_list.marked
        await type_burst(pilot, "ggx")
        assert app.main.task_list.marked
        await type_burst(pilot, "gi")
        assert not app.main.task_list.marked
