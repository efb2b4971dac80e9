"""The client beside the conversation: what is known of them, and their other tasks."""

from pfinbox.services.people import contacts
from pfinbox.tui.shell.command import CLIENT, LIST, TASK
from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, screen_text, settle, type_burst


async def test_r26_r31_the_client_beside_the_task_and_over_it(inbox: Inbox) -> None:
    await inbox.acting("anna").write(
        contacts.set_, 1, company="Lopez Ltd", notes="Pays late,\nbut pays", portal=True
    )
    async with on_stage(inbox, agent_name="Anna Lis", size=(200, 36)) as (app, pilot):
        panel = app.main.client_panel
        assert not panel.display
        await type_burst(pilot, "d")
        await compare(app, pilot, "client-200x36")
        assert app.main.place == LIST
        for words in ("Lopez Ltd", "has access to a page", "but pays"):
            assert words in screen_text(app)
        # It follows the cursor, and what is typed goes on to the list.
        await type_burst(pilot, "j")
        assert (panel.contact_id, app.main.place) == (2, LIST)
        assert "Lopez Ltd" not in screen_text(app)
        # Its tasks are walked and opened; the panel goes along.
        await type_burst(pilot, "k\t\t\t")
        assert app.main.place == CLIENT
        await type_burst(pilot, "j\r")
        assert (app.main.task_pane.task_id, app.main.place) == (1, TASK)
        assert panel.display
        assert "▸#1 The manual" in screen_text(app)
        await type_burst(pilot, "\x1bd")
        assert not panel.display
        # Where there is no room beside, it stands over the task, with the keys.
        for width, height in ((120, 36), (80, 24)):
            await pilot.resize_terminal(width, height)
            await settle(pilot)
            await type_burst(pilot, "ggd")
            assert app.main.place == CLIENT
            await compare(app, pilot, f"client-{width}x{height}")
            await type_burst(pilot, "\x1b")
            assert (panel.display, app.main.place) == (False, LIST)
        await type_burst(pilot, "dj\r")
        assert (app.main.task_pane.task_id, panel.display) == (1, False)
