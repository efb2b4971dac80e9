"""R47: what is typed on before an outcome is on the screen was not meant for what comes instead."""

from pfinbox.tui.dialogs.choose import Choose
from tests.builders import Inbox
from tests.tui.commands.task.test_triage import row
from tests.tui.inbox.test_bulk import ids
from tests.tui.stage import on_stage, said, type_burst


async def test_z_takes_back_the_key_before_it_however_fast(inbox: Inbox) -> None:
    """R35, R47: not an older step, of another task, because the newest was not stored yet."""
    async with on_stage(inbox) as (app, pilot):
        first, second = ids(app)[:2]
        await type_burst(pilot, "i")
        await type_burst(pilot, "jez")
        assert (await row(inbox, second)).status == "new"
        held = (await row(inbox, first)).assignee
        assert held is not None
        assert held.who == inbox.agent("anna")
        # The change before is our own: nobody has taken the task meanwhile, and z leads back to it.
        await type_burst(pilot, "iacla\r")
        held = (await row(inbox, second)).assignee
        assert held is not None
        assert held.name == "Clara Weiss"
        await type_burst(pilot, "z")
        held = (await row(inbox, second)).assignee
        assert held is not None
        assert held.who == inbox.agent("anna")
        await type_burst(pilot, "z")
        assert (await row(inbox, second)).assignee is None


async def test_keys_for_the_next_client_do_not_get_into_a_refused_answer(inbox: Inbox) -> None:
    """R18, R47: the client wrote; what was typed on would have been sent to this one."""
    async with on_stage(inbox, notifications=True) as (app, pilot):
        before = {one: (await row(inbox, one)).status for one in ids(app)}
        await type_burst(pilot, "jrMy answer")
        await app.stop_listening()
        await inbox.says("Wait!", user="77", name="Jakub Nowak")
        await type_burst(pilot, "\x13jrFor the next one.\x13#e")
        composer = app.main.task_pane.composer
        assert composer.box.text == "My answer"
        assert "What was typed meanwhile is not taken" in said(app)
        assert {one: (await row(inbox, one)).status for one in before} == before


async def test_keys_are_no_answer_to_a_question_that_came_up(inbox: Inbox) -> None:
    """R14, R47: enter was for the list, not for "to the client"."""
    async with on_stage(inbox, agent="clara", notifications=True) as (app, pilot):
        await type_burst(pilot, "rOnly for us\t \r")
        await type_burst(pilot, "\x13\rj\r")
        assert isinstance(app.screen, Choose)
        await type_burst(pilot, "\x1b")
        assert app.main.task_pane.composer.box.text == "Only for us"
