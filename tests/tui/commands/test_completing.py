"""The ``:`` line completes names and arguments, and a wrong name is answered with the nearest."""

from pfinbox.tui.commands.completing import ARGUMENTS
from pfinbox.tui.commands.table import commands
from pfinbox.tui.widgets.command_line import CommandLine
from tests.builders import Inbox
from tests.tui.inbox.test_list import names
from tests.tui.stage import on_stage, said, screen_text, type_burst


async def test_tab_completes_commands_and_their_arguments(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        line = app.main.query_one(CommandLine)
        known = {
            "sno": ":snooze",
            "save-s": ":save-search",
            "tags vip b": ":tags vip billing",
            "tags -ur": ":tags -urgent",
            "assign cl": ":assign clara",
            "status d": ":status done",
            "theme pfinbox-l": ":theme pfinbox-light",
            "view tag:bu": ":view tag:bug",
            "invite b": ":invite bot",
            "search tag:bi": ":search tag:billing",
            "snooze to": ":snooze to",
            "nothing x": ":nothing x",
        }
        for typed, completed in known.items():
            await type_burst(pilot, f":{typed}")
            await type_burst(pilot, "\t")
            assert line.value == completed
            await type_burst(pilot, "\x1b")
        await type_burst(pilot, ":view ta")
        assert "tab  tag:billing  tag:bug" in screen_text(app)
        await type_burst(pilot, "\t\r")
        assert app.main.list_pane.view == "tag:billing"
        assert names(app) == ["Maria Lopez"]
        assert ARGUMENTS.keys() <= {command.name for command in commands() if command.argument}


async def test_a_name_that_there_is_not_is_answered_with_the_nearest(inbox: Inbox) -> None:
    async with on_stage(inbox, notifications=True) as (app, pilot):
        await type_burst(pilot, ":snoze\r")
        assert "There is no command snoze; did you mean :snooze?" in said(app)
        await type_burst(pilot, ":qwertz\r")
        assert "There is no command qwertz; ? shows them all." in said(app)
