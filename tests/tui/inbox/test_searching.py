"""Searching in the list: what is offered, where it looks, what is wrong, and the way back."""

from pfinbox.tui.shell.command import LIST
from pfinbox.tui.widgets.command_line import CommandLine
from tests.builders import Inbox
from tests.tui.inbox.test_list import at_hand, names
from tests.tui.stage import on_stage, press, said, screen_text, type_burst

MARIA = "maria@client.example"


async def test_operators_and_their_values_are_offered_and_tab_takes_them(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        field = app.main.list_pane.search_bar.field
        await type_burst(pilot, "/")
        assert "tab  from:  to:  tag:  channel:" in screen_text(app)
        await type_burst(pilot, "ta")
        assert "tab  tag:" in screen_text(app)
        await type_burst(pilot, "\t")
        # A value that is only begun is no mistake, and finds what is found without it.
        assert field.value == "tag:"
        assert len(names(app)) == 5
        assert "tab  billing  bug  urgent" in screen_text(app)
        await type_burst(pilot, "\t\t")
        assert field.value == "tag:bug"
        assert names(app) == ["Globex Operations"]
        await press(pilot, "shift+tab", "enter")
        assert names(app) == ["Maria Lopez"]
        assert app.main.place == LIST
        assert "^o all tasks" not in screen_text(app)
        assert not said(app)


async def test_from_and_to_offer_contacts_as_they_are_typed(inbox: Inbox) -> None:
    """R47: tab waits for the contacts, so that it takes what the line then shows."""
    async with on_stage(inbox) as (app, pilot):
        field = app.main.list_pane.search_bar.field
        await type_burst(pilot, "/from:lo")
        assert 'tab  "Maria Lopez"' in screen_text(app)
        await type_burst(pilot, "\t\r")
        assert field.value == 'from:"Maria Lopez"'
        assert names(app) == ["Maria Lopez"]
        # In one burst; a colleague comes first, and an address is offered where it is typed.
        for typed, taken in (("pet", '"Peter Gibbons"'), ("bor", "boris"), ("maria@", MARIA)):
            await type_burst(pilot, f"/\x1b/from:{typed}\t")
            assert field.value == f"from:{taken}"
        await type_burst(pilot, "\x1b:search to:ma\t")
        assert app.main.query_one(CommandLine).value == ':search to:"Maria Lopez"'


async def test_where_it_looks_is_shown_and_all_tasks_are_one_key_away(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "jj/manual")
        assert "To answer  0 found" in screen_text(app)
        assert "Nothing found in To answer." in screen_text(app)
        await press(pilot, "ctrl+o")
        assert "All tasks  1 found" in screen_text(app)
        assert names(app) == ["Maria Lopez"]
        await type_burst(pilot, "\r")
        assert app.main.list_pane.list.current is not None
        assert app.main.list_pane.list.current.title == "The manual"
        # Leaving brings the row back that the cursor was on.
        await type_burst(pilot, "\x1b")
        assert at_hand(app) == "Ольга П."
        assert app.main.list_pane.view == "to_answer"
        # Also from within the field; and the next search looks in the view again.
        await type_burst(pilot, "j/seats")
        assert "To answer  1 found" in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert at_hand(app) == "Globex Operations"


async def test_a_wrong_operator_says_so_and_clears_what_was_found(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "/seats")
        assert names(app) == ["Peter Gibbons"]
        await type_burst(pilot, " form:peter")
        assert names(app) == []
        words = app.main.list_pane.list.words
        assert words[0].startswith("There is no operator form:, did you mean from:?")
        assert "There is no operator form:" in screen_text(app)
        # Keys of the list have nothing to act on; what is typed on puts it right.
        await type_burst(pilot, "\re")
        assert app.main.list_pane.search == "seats form:petere"
        await type_burst(pilot, "\x7f")
        await press(pilot, "ctrl+u")
        await type_burst(pilot, "seats from:peter\r")
        assert names(app) == ["Peter Gibbons"]
        # One that is known, with a value that is not.
        await type_burst(pilot, "/\x1b/is:red")
        words = app.main.list_pane.list.words
        assert words == (
            "is:red is not known; known: is:unread, is:open, is:closed, "
            "is:mine, is:snoozed, is:failed.",
        )
        assert not said(app)
