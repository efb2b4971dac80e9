"""Collision: who else looks at a task or answers in it, live, in the list and at its head."""

from pfinbox.domain.actor import AgentActor
from pfinbox.services.people import presence
from pfinbox.store import read
from pfinbox.tui.inbox.presence import Attention
from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, screen_text, settle, type_burst


def test_only_news_and_heartbeats_are_told() -> None:
    attention = Attention()
    assert attention.look(None, False, "") is None
    assert attention.look(7, False, "") == (7, "viewing")
    assert [attention.look(7, False, "") for _n in range(9)] == [None] * 9
    assert attention.look(7, False, "") == (7, "viewing")
    assert attention.look(7, True, "") == (7, "answering")
    assert attention.look(7, True, "H") == (7, "replying")
    told = [attention.look(7, True, "He") for _n in range(6)]
    assert told == [None] * 5 + [(7, "answering")]
    assert attention.look(None, False, "") == (None, "viewing")
    assert attention.look(None, False, "") is None


async def test_a_colleague_comes_answers_and_goes(inbox: Inbox) -> None:
    boris = inbox.agent_ids["boris"]

    async def see(mode: str) -> None:
        await inbox.store.run(lambda uow: presence.see(uow, AgentActor(boris), "b", 2, mode))

    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await see("viewing")
        app.main.reload()
        await settle(pilot)
        assert "◉ Boris Orlov is looking at this" in screen_text(app)
        assert "◉ Boris" in screen_text(app)
        # Of the task under the cursor, also before its conversation is read.
        app.main.task_pane.follow(app.main.task_list.rows[1])
        app.main.task_pane.view.show(None, app.present())
        app.main.task_pane._show_head()
        assert "Boris Orlov is" not in screen_text(app)
        app.main.task_pane.show_task(app.main.task_list.cursor)
        await settle(pilot)
        await see("replying")
        app.main.reload()
        await settle(pilot)
        await compare(app, pilot, "colleague-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "colleague-80x24")
        await pilot.resize_terminal(120, 36)
        await inbox.store.run(lambda uow: presence.leave(uow, AgentActor(boris), "b"))
        app.main.reload()
        await settle(pilot)
        assert "Boris Orlov is" not in screen_text(app)


async def test_what_this_agent_does_is_told_and_ends_with_the_program(inbox: Inbox) -> None:
    async def told() -> list[tuple[int, bool]]:
        async with inbox.store.read() as uow:
            rows = await read.colleagues(uow, inbox.actor("boris"))
        return [(row.task_id, row.answering) for row in rows]

    async with on_stage(inbox) as (app, pilot):
        for keys, expected in (("j", []), ("k\r", [(2, False)]), ("rHi", [(2, True)])):
            await type_burst(pilot, keys)
            app.main.refreshing.attend()
            await settle(pilot)
            assert await told() == expected
        app.ask_to_quit()
        while app.is_running and not app._exit:
            await pilot.pause()
        assert await told() == []
