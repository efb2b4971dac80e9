"""R47: a key acts on what the agent saw when it was pressed, whatever arrives between two keys."""

from typing import Any

from sqlalchemy import select
from textual.pilot import Pilot

from pfinbox.store import tables as t
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.commands.table import commands
from pfinbox.tui.shell.command import LIST, TASK, WORK
from tests.builders import Inbox
from tests.tui.inbox.test_bulk import ids
from tests.tui.inbox.test_list import names
from tests.tui.stage import on_stage, post, said, screen_text, settle, type_burst

# What changes a task: its keys; before the first and the last of these strings a client writes.
# "§" stands for the number of the task that this one is merged into.
CHANGES = {
    "mine": ["i"],
    "assign": ["a", "cla", "\r"],
    "close": ["e"],
    "close_next": ["E"],
    "status": ["s", "wait", "\r"],
    "snooze": ["b", "tomorrow", "\r"],
    "tags": ["t", "vip", "\r"],
    "read": ["I"],
    "title": ["T", " two", "\r"],
    "participants": ["P", "cla", "\r"],
    "reply_via": ["B", "last", "\r"],
    "trash": ["#"],
    "spam": ["!"],
    "merge": ["M", "§\r", "\r"],
    "hide_comment": ["K", "H"],
    "move_comment": ["K", "m", "new", "\r"],
    "note": ["n", "Hm", "\x13"],
    "reply": ["r", "On its", " way", "\x13"],
    "reply_all": ["A", "To all", "\x13"],
    "quote": ["q", "Quoted", "\x13"],
    "forward": ["f", "x@out.example\t", "\x13"],
}
# What only shows something of the task, or is another test's: outbox, card, one's own comment.
LOOKS = {
    "next_comment", "previous_comment", "next_unread", "previous_unread", "previous_task", "unfold",
    "why", "links", "undo", "as_client", "invite", "retry", "dismiss", "files", "card", "line",
    "edit_comment", "delete_comment", "unread", "unmerge", "same_person", "purge",
    "client", "unfold_changes",
}  # fmt: skip


def test_every_command_on_a_task_is_tried_here() -> None:
    on_tasks = {c.name for c in commands() if set(c.where) & set(WORK) and c.where != (LIST,)}
    general = {c.name for c in commands() if c.where[:3] == ("list", "task", "views")}
    assert on_tasks - general == set(CHANGES) | LOOKS


async def photo(inbox: Inbox) -> dict[int, Any]:
    """Every task as far as an agent's key can change it."""
    task, comment = t.task.c, t.comment.c
    queries = (
        select(task.id, task.root_id, task.status, task.assignee_agent_id, task.snoozed_until,
               task.deleted_at, task.title, task.reply_via),
        select(t.participant.c.task_id, t.participant.c.agent_id),
        select(t.tag.c.task_id, t.tag.c.name),
        select(t.draft.c.task_id, t.draft.c.text),
        # What was withdrawn stays in the record.
        select(comment.task_id, comment.id, comment.hidden, comment.direction)
        .where((comment.direction == "outgoing") | comment.hidden),
    )  # fmt: skip
    found: dict[int, Any] = {}
    async with inbox.store.read() as uow:
        for query in queries:
            for row in await uow.connection.execute(query):
                found.setdefault(row[0], []).append(tuple(row[1:]))
    return found


async def somebody_writes(inbox: Inbox, app: PfinboxApp, task_id: int) -> None:
    """A client whose task is another one; it comes to another place of every list by that."""
    task = next(row for row in app.main.task_list.rows if row.id == task_id)
    jakub = task.contact is not None and task.contact.name == "Jakub Nowak"
    user, name = ("78", "Ольга П.") if jakub else ("77", "Jakub Nowak")
    inbox.clock.advance(seconds=1)
    await inbox.says("And another thing", user=user, name=name)
    app.main.reload()


async def type_while_clients_write(
    inbox: Inbox, app: PfinboxApp, pilot: Pilot[None], parts: list[str]
) -> int:
    """From the list's top one line down, then the keys; the task that the agent saw there."""
    seen, other = ids(app)[1], ids(app)[2]
    post(pilot, "j")
    for n, part in enumerate(parts):
        if n in (0, len(parts) - 1):
            await somebody_writes(inbox, app, seen)
        post(pilot, part.replace("§", str(other)))
    await settle(pilot)
    return seen


async def test_what_a_key_changes_is_the_task_that_was_seen(inbox: Inbox) -> None:
    """R47: every command, in the list or inside the task, while clients write."""
    async with on_stage(inbox, notifications=True, undo_send=60) as (app, pilot):
        before = await photo(inbox)
        await type_burst(pilot, "gi")
        for n, (command, parts) in enumerate(CHANGES.items()):
            # Every other one from inside the task.
            keys = ["\r", *parts] if n % 2 else parts
            seen = await type_while_clients_write(inbox, app, pilot, keys)
            after = await photo(inbox)
            changed = {one for one in after if after[one] != before.get(one)}
            new = set(after) - set(before)
            expected = {seen} if command not in ("read", "move_comment") else set()
            assert changed - new == expected, (command, said(app))
            # And what is taken back is the same; then back to the list's top.
            await type_burst(pilot, "\x1b\x1bgiz\x1b\x1b\x1bgi")
            now = await photo(inbox)
            assert {one for one in now if now[one] != before.get(one)} <= {seen} | new, command
            before = now


async def test_from_a_task_answered_the_cursor_steps_to_the_one_below(inbox: Inbox) -> None:
    """R47: the answered task is the first line now; the next key is for the client below it."""
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "gijj")
        rows = ids(app)
        await type_burst(pilot, "rIn a moment.\x13")
        assert app.main.task_list.cursor == rows[3]
        assert ids(app)[0] == rows[2]
        # Others write, who come in above: the cursor stays, and what is beside it.
        inbox.clock.advance(seconds=1)
        await inbox.says("Hello", user="500", name="Newcomer")
        app.main.reload()
        await settle(pilot)
        assert names(app)[0] == "Newcomer"
        assert app.main.task_list.cursor == app.main.task_pane.task_id == rows[3]
        following = ids(app)[ids(app).index(rows[3]) + 1]
        await type_burst(pilot, "j")
        assert app.main.task_list.cursor == following
        # Taken back from another line: nothing of that line is another task's.
        await type_burst(pilot, "z")
        assert app.main.task_pane.composer.writing is None
        assert app.main.task_pane.task_id == app.main.task_list.cursor == following


async def test_one_marked_task_is_answered_where_it_stands(inbox: Inbox) -> None:
    """R47: the cursor does not ride to it."""
    async with on_stage(inbox) as (app, pilot):
        first, second = ids(app)[:2]
        await type_burst(pilot, "xrTo the marked one.")
        writing = app.main.task_pane.composer.writing
        assert writing is not None
        assert writing.task_id == first
        await type_burst(pilot, "\x13")
        assert app.main.task_list.cursor == app.main.task_pane.task_id == second


async def test_what_is_written_stays_open_whatever_comes_into_the_list(inbox: Inbox) -> None:
    """R47: the first row of an empty list took the pane, and the rest of the text was commands."""
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "gd")
        finished = ids(app)[0]
        await type_burst(pilot, "g#")
        assert not ids(app)
        await type_burst(pilot, f":{finished}\rrHel")
        # As if the first task came into the view: the one that is shown is not among its rows.
        app.main.list_pane.show_view("to_answer")
        await type_burst(pilot, "loe#!")
        assert app.main.task_pane.composer.box.text == "Helloe#!"
        assert app.main.task_pane.task_id == finished


async def test_keys_behind_a_search_or_a_view_wait_for_its_rows(inbox: Inbox) -> None:
    """R47: they were for the rows of the list before."""
    async with on_stage(inbox) as (app, pilot):
        before = await photo(inbox)
        globex = next(r.id for r in app.main.task_list.rows if r.title == "Cannot log in")
        post(pilot, "/log in\re")
        await somebody_writes(inbox, app, globex)
        await settle(pilot)
        after = await photo(inbox)
        assert {one for one in after if after[one] != before[one]} == {globex}
        # News while the view is read do not carry the cursor's task into it.
        await type_burst(pilot, "\x1b\x1bgtj")
        post(pilot, "gu")
        app.main.reload()
        await settle(pilot)
        assert app.main.task_list.index == 0
        assert "✓" not in screen_text(app)
        assert names(app)[0] in screen_text(app)


async def test_a_merged_task_leads_to_its_survivor(inbox: Inbox) -> None:
    """R32, R47: what is in the pane and what the cursor is on stay one task."""
    async with on_stage(inbox) as (app, pilot):
        _first, second, third, *_rest = ids(app)
        await type_burst(pilot, f"M{third}\r")
        await type_burst(pilot, "\r")
        # The agent's own action took the task away: the cursor is on the one below.
        assert app.main.task_list.cursor == app.main.task_pane.task_id == second
        # Whoever is inside goes along.
        await type_burst(pilot, f"\rM{third}\r")
        await type_burst(pilot, "\r")
        assert (app.main.place, app.main.task_pane.task_id) == (TASK, third)
        await type_burst(pilot, "\x1b")
        assert app.main.task_list.cursor == app.main.task_pane.task_id


async def test_a_click_is_for_the_task_that_is_drawn_there(inbox: Inbox) -> None:
    """R47: by its number, not by its line."""
    async with on_stage(inbox) as (app, pilot):
        first, second, third = ids(app)[:3]
        shown = app.main.task_list
        await pilot.click(shown, offset=(6, 2))
        await settle(pilot)
        assert shown.cursor == app.main.task_pane.task_id == second
        await pilot.click(shown, offset=(6, 4), control=True)
        await settle(pilot)
        assert (shown.cursor, shown.marked) == (third, {third})
        await pilot.click(shown, offset=(6, 0), shift=True)
        await settle(pilot)
        assert shown.marked == {first, second, third}
        await pilot.click(shown, offset=(6, 2), times=2)
        await settle(pilot)
        assert app.main.task_pane.opened
        assert app.main.task_pane.task_id == second
