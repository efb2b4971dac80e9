"""The list: a window on SQL with a cursor that belongs to a task."""

from pfinbox.domain.model import Who
from pfinbox.tui.shell.command import LIST, TASK, VIEWS
from tests.builders import Inbox
from tests.tui.scene import change, many_say, task_of
from tests.tui.stage import on_stage, press, screen_text, settle, type_burst


def names(app: object) -> list[str]:
    rows = app.main.task_list.rows  # type: ignore[attr-defined]
    return [row.contact.name for row in rows if row.contact]


def at_hand(app: object) -> str:
    """Whose task is under the cursor and beside the list."""
    main = app.main  # type: ignore[attr-defined]
    held = main.task_pane.conversation.task
    assert held.id == main.task_pane.task_id == main.task_list.cursor
    return str(held.contact.name)


LETTERS = {"i": "inbox", "m": "mine", "u": "unassigned", "w": "waiting", "d": "done"}


async def test_r41_r35_keys_move_open_and_switch_views(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        # R41: the longest wait comes first.
        expected = ["Maria Lopez", "Jakub Nowak", "Ольга П.", "Globex Operations", "Peter Gibbons"]
        assert names(app) == expected
        shown = app.main.task_list
        await type_burst(pilot, "jjk")
        assert shown.index == 1
        await type_burst(pilot, "G")
        assert shown.index == 4
        # Passing by marks nothing as read, opening does (R35).
        await type_burst(pilot, "gg")
        assert all(row.unread for row in shown.rows)
        await type_burst(pilot, "\r")
        assert app.main.place == TASK
        assert app.main.task_pane.opened
        assert [row.unread for row in shown.rows] == [False, True, True, True, True]
        await type_burst(pilot, "\x1b")
        assert app.main.place == LIST
        await type_burst(pilot, "]")
        assert shown.index == 1
        await type_burst(pilot, "]]]]")
        assert shown.index == 4
        # The list is where escape ends: keys go on to mean its tasks.
        await type_burst(pilot, "\x1b")
        assert app.main.place == LIST
        await type_burst(pilot, "\t\t")
        assert app.main.place == VIEWS
        await type_burst(pilot, "r")
        assert "That is done in the list." in screen_text(app)
        for key, view in LETTERS.items():
            await type_burst(pilot, f"g{key}")
            assert app.main.list_pane.view == view
            assert app.main.views_pane.current == view
        await type_burst(pilot, "gt")
        assert app.main.list_pane.view == "to_answer"
        # A search narrows the list, and escape widens it.
        await type_burst(pilot, "/seats")
        assert names(app) == ["Peter Gibbons"]
        await type_burst(pilot, "\r")
        assert app.main.place == LIST
        await type_burst(pilot, "\x1b")
        assert len(names(app)) == 5
        # The same keys on a Russian layout.
        await type_burst(pilot, "ппоо")
        assert shown.index == 2
        await type_burst(pilot, "пш")
        assert app.main.list_pane.view == "inbox"
        await type_burst(pilot, "кДобрый день")
        assert app.main.task_pane.composer.box.text == "Добрый день"


async def test_the_cursor_stays_on_its_task_when_mail_arrives(inbox: Inbox) -> None:
    async with on_stage(inbox, size=(120, 18)) as (app, pilot):
        # On start the first row is that of the complete list, until the first key.
        for days, place in ((3, 0), (4, 1)):
            inbox.clock.advance(days=-days)
            await inbox.says("Waiting", user=f"60{days}", name=f"Waiting {days} days")
            inbox.clock.advance(days=days)
            app.main.reload()
            await settle(pilot)
            assert app.main.task_list.index == place
            assert at_hand(app) == "Waiting 3 days"
            await type_burst(pilot, "k")
        await type_burst(pilot, "gi")
        await type_burst(pilot, "jj")
        # All rows have room so far: there is nothing to scroll.
        assert app.main.task_list.max_scroll_y == 0
        held = app.main.task_list.cursor
        line = (app.main.task_list.index or 0) * 2 - app.main.task_list.scroll_offset.y
        for n in range(4):
            await inbox.says("New", user=f"9{n}", name=f"New {n}")
        await settle(pilot)
        app.main.reload()
        await settle(pilot)
        assert app.main.task_list.cursor == held
        assert (app.main.task_list.index or 0) * 2 - app.main.task_list.scroll_offset.y == line
        assert "New 3" in names(app)
        # A line says what has come in out of sight, until it is seen.
        assert "4 new above" in screen_text(app)
        # Also where the cursor is out of sight: what is read stays in its place.
        await pilot.resize_terminal(120, 12)
        await settle(pilot)
        shown = app.main.task_list
        await type_burst(pilot, "gg")
        shown.scroll_to(y=8, animate=False, immediate=True)
        await settle(pilot)
        top = shown.rows[shown.scroll_offset.y // 2].id
        cursor = shown.cursor
        await inbox.says("Again", user="77", name="Jakub Nowak")
        await inbox.says("Newer", user="99", name="Newer")
        app.main.reload()
        await settle(pilot)
        # What has moved goes to its place when the agent leaves the list.
        assert names(app)[:2] == ["Newer", "New 3"]
        assert shown.rows[shown.scroll_offset.y // 2].id == top
        assert shown.cursor == cursor
        assert "1 new above" in screen_text(app)
        await type_burst(pilot, "gg")
        assert "new above" not in screen_text(app)


async def test_r8_the_chain_is_walked_and_the_cursor_steps_off_a_closed_task(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        assert "earlier: #1 The manual" in screen_text(app)
        await type_burst(pilot, "\rp")
        assert app.main.task_pane.task_id == 1
        assert "Where can I find the manual?" in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert app.main.task_pane.task_id == 2
        assert app.main.place == TASK
        # R35, R47: inside the task nothing moves; in the list the next one is under the cursor.
        await type_burst(pilot, "\x1bj\re")
        assert names(app)[1] == "Jakub Nowak"
        assert app.main.task_list.index == 1
        await type_burst(pilot, "\x1b")
        assert at_hand(app) == "Ольга П."
        assert "Jakub Nowak" not in names(app)
        await type_burst(pilot, "e")
        assert at_hand(app) == "Globex Operations"
        # Taken back, each is under the cursor again.
        await type_burst(pilot, "zz")
        assert at_hand(app) == "Jakub Nowak"
        # Of a burst each key is for the lines that the agent saw; the last line has one above.
        await type_burst(pilot, "eje")
        assert names(app) == ["Maria Lopez", "Globex Operations", "Peter Gibbons"]
        assert at_hand(app) == "Globex Operations"
        await type_burst(pilot, "G#")
        assert at_hand(app) == "Globex Operations"
        # What colleagues close stays as long as the cursor stands on it.
        await change(inbox, app.main.task_list.cursor or 0, status="done")
        app.main.reload()
        await settle(pilot)
        assert "✓ Globex Operations" in screen_text(app)
        assert at_hand(app) == "Globex Operations"


async def test_resizing_is_safe_and_news_from_another_process_show_up(inbox: Inbox) -> None:
    async with on_stage(inbox, size=(120, 36)) as (app, pilot):
        await type_burst(pilot, "rtext")
        for width in (30, 60, 79, 99, 100, 160):
            await pilot.resize_terminal(width, 10)
            await settle(pilot)
            await type_burst(pilot, "!")
        assert app.main.task_pane.composer.box.text == "text!!!!!!"
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        await type_burst(pilot, "\x1bj")
        assert app.main.task_list.index == 1
        task_id = await task_of(inbox, await inbox.says("Hello?", user="500", name="Newcomer"))
        await change(inbox, task_id, assignee=Who("agent", inbox.agent_ids["anna"]))
        for _round in range(100):
            await settle(pilot)
            if "Newcomer" in names(app):
                break
        assert "Newcomer" in names(app)


async def test_a_long_list_is_read_page_by_page_from_either_end(inbox: Inbox) -> None:
    await many_say(inbox, [(f"Number {n}", f"1{n:03}", f"Client {n}") for n in range(75)])
    async with on_stage(inbox, size=(100, 24)) as (app, pilot):
        shown = app.main.task_list
        # Further pages are read when the cursor comes near.
        assert len(shown.rows) == 60
        await type_burst(pilot, "j" * 45)
        assert len(shown.rows) == 80
        await type_burst(pilot, "G")
        assert shown.index == 79
        await type_burst(pilot, "gg")
        assert shown.index == 0
        assert shown.scroll_offset.y == 0
        # The last page is read from the end, and the scrollbar knows how much lies between.
        await type_burst(pilot, "gigt")
        await type_burst(pilot, "Gk")
        assert len(shown.rows) == 60
        assert shown.current is not None
        assert shown.current.contact is not None
        assert shown.current.contact.name == "Client 73"
        assert "Client 74" in screen_text(app)
        assert shown.virtual_size.height == 80 * shown.row_height
        # All of them are marked, not only those that were read.
        await type_burst(pilot, "*")
        assert len(shown.marked) == len(shown.rows) == 80
        assert "80 marked" in screen_text(app)
        await type_burst(pilot, "\x1bgtGk")
        assert shown.scroll_offset.y == shown.max_scroll_y
        # Something arrives: the line under the cursor stays where it is on the screen.
        before = screen_text(app).splitlines().index(line_of(app, "Client 73"))
        await inbox.says("New", user="999", name="Newest")
        app.main.reload()
        await settle(pilot)
        assert screen_text(app).splitlines().index(line_of(app, "Client 73")) == before
        await press(pilot, *["pageup"] * 5)
        names_now = names(app)
        assert names_now[-1] == "Newest"
        assert len(names_now) == len(set(names_now)) == 81
        on_screen = screen_text(app)
        assert shown.current is not None
        assert shown.current.contact is not None
        assert shown.current.contact.name in on_screen
        await type_burst(pilot, "ggj")
        assert names(app)[0] == "Maria Lopez"
        assert shown.index == 1
        assert shown.scroll_offset.y == 0


def line_of(app: object, words: str) -> str:
    lines = screen_text(app).splitlines()  # type: ignore[arg-type]
    return next(line for line in lines if words in line)
