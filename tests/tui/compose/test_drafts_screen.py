"""All drafts on one list: gone on with where each was being written, removed and brought back."""

from pfinbox.services import queries
from pfinbox.tui.mail.forward_mail import ForwardMail
from pfinbox.tui.mail.new_mail import NewMail
from pfinbox.tui.main_screen import MainScreen
from pfinbox.tui.widgets.hint_line import HintLine
from tests.builders import Inbox
from tests.tui.scene import change
from tests.tui.stage import compare_both, on_stage, press, screen_text, type_burst


async def test_every_draft_is_found_again(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        first, second = [row.id for row in app.main.task_list.rows[:2]]
        await change(inbox, second, status="done")

        async def modes() -> list[str]:
            return [row.draft.mode for row in await app.inbox.read(queries.drafts)]

        # Where there is none, the next step is named, and nothing that would need one.
        await type_burst(pilot, "ge")
        assert "What you write and leave by esc is kept here" in screen_text(app)
        assert not {"open", "drop_draft"} - app.screen.query_one(HintLine).without
        assert "remove" not in screen_text(app)
        await type_burst(pilot, "\x1b")
        # A reply, a forward, a mail to a card, one to a new address, a message by a messenger.
        await type_burst(pilot, "rOf course.\x1b")
        await type_burst(pilot, "fmike@parts.example\t\t\tSee below.\x1b")
        await type_burst(pilot, "czoe@new.example, \t\tHello\tNice to meet you.\x1b")
        assert "The draft is kept; g e shows all drafts." in screen_text(app)
        await type_burst(pilot, f":{second}\rCc\rWe are open.\x1b")
        assert (await modes())[1:] == ["mail", "forward", "reply"]
        # The views count them, and lead to them.
        assert app.main.views_pane.drafts == 4
        await type_burst(pilot, ":view drafts\r")
        assert "remove" in screen_text(app)
        await compare_both(app, pilot, "drafts")
        # The messenger's, whose contact the list knows by name.
        await type_burst(pilot, "\r")
        assert isinstance(app.screen, NewMail)
        assert app.screen.recipient.name == "Jakub Nowak"
        assert app.screen.box.text == "We are open."
        await type_burst(pilot, " From ten.\x1bgej\r")
        assert isinstance(app.screen, NewMail)
        assert (app.screen.to.text, app.screen.subject.value) == ("zoe@new.example, ", "Hello")
        await type_burst(pilot, "\x1bge")
        await press(pilot, "down", "down", "enter")
        assert isinstance(app.screen, ForwardMail)
        assert app.screen.box.text == "See below."
        await type_burst(pilot, "\x1bgeG\r")
        composer = app.main.task_pane.composer
        assert (app.main.at_hand, app.main.place) == (first, "composer")
        assert composer.box.text == "Of course."
        # Removed, it is gone from where it was being written, too; undo brings it back.
        await type_burst(pilot, "\x1bgeG#")
        assert (await modes())[-1] == "forward"
        assert "Draft removed: Maria Lopez" in screen_text(app)
        await type_burst(pilot, "z")
        assert isinstance(app.screen, MainScreen)
        assert "reply" in await modes()
