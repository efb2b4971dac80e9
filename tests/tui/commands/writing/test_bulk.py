"""One reply to all marked tasks: names filled in, the plan as totals, stoppable, taken back."""

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.services.tasks import drafts
from pfinbox.store import tables as t
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.compose.bulk_composer import BulkComposer
from pfinbox.tui.compose.bulk_plan import BulkPlan
from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, screen_text, settle, type_burst


async def texts(inbox: Inbox) -> list[str]:
    async with inbox.store.read() as uow:
        rows = await uow.connection.scalars(
            select(t.comment.c.text)
            .where(t.comment.c.direction == "outgoing", t.comment.c.deleted_at.is_(None))
            .order_by(t.comment.c.id)
        )
        return list(rows)


async def both(app: PfinboxApp, pilot: object, name: str) -> None:
    await compare(app, pilot, f"{name}-120x36")  # type: ignore[arg-type]
    await pilot.resize_terminal(80, 24)  # type: ignore[attr-defined]
    await settle(pilot)  # type: ignore[arg-type]
    await compare(app, pilot, f"{name}-80x24")  # type: ignore[arg-type]
    await pilot.resize_terminal(120, 36)  # type: ignore[attr-defined]
    await settle(pilot)  # type: ignore[arg-type]


async def test_one_reply_to_all_marked_tasks(inbox: Inbox) -> None:
    anna = inbox.agent_ids["anna"]
    async with on_stage(inbox, agent_name="Anna Lis", notifications=True) as (app, pilot):
        before = await texts(inbox)
        rows = {row.id: row for row in app.main.task_list.rows}
        # A burst: the text lands whole in the composer.
        await type_burst(pilot, "*rHi {{client.frist_name|there}}")
        assert isinstance(app.screen, BulkComposer)
        assert app.screen.box.text == "Hi {{client.frist_name|there}}"
        await type_burst(pilot, "\x13")
        assert isinstance(app.screen, BulkComposer)
        assert "client.frist_name}} means nothing" in screen_text(app)
        # Leaving keeps the draft; coming back brings it.
        await type_burst(pilot, "\x1b")
        kept = await app.inbox.read(drafts.load, 0, "bulk")
        assert kept is not None
        await type_burst(pilot, "r")
        assert isinstance(app.screen, BulkComposer)
        app.screen.box.put("Hi {{client.first_name|there}},\nwe are closed on Friday.")
        await settle(pilot)
        await both(app, pilot, "bulk-reply")
        # One client writes before the plan is read: said there, and left out.
        await inbox.says("Hello?", user="77", name="Jakub Nowak")
        app.main.reload()
        await settle(pilot)
        await type_burst(pilot, "\x13")
        assert isinstance(app.screen, BulkPlan)
        assert "3 by e-mail, 1 by Telegram, 1 cannot be reached" in screen_text(app)
        await both(app, pilot, "bulk-plan")
        await type_burst(pilot, "w")
        assert "✗ the client has written meanwhile" in screen_text(app)
        await both(app, pilot, "bulk-who")
        # Another one writes while the plan is read.
        await inbox.says("Ещё вопрос", user="78", name="Ольга П.")
        app.main.reload()
        await settle(pilot)
        await type_burst(pilot, "\r")
        assert isinstance(app.screen, BulkPlan)
        assert app.screen.outcome is not None
        await both(app, pilot, "bulk-outcome")
        await type_burst(pilot, "\r")
        new = (await texts(inbox))[len(before) :]
        names = [text.split(",")[0] for text in new]
        assert sorted(names) == ["Hi Globex", "Hi Maria", "Hi Peter"]
        assert "3 on their way, 2 left out (z takes them back)" in screen_text(app)
        # What was left out stays marked, with the reply as a draft.
        marked = {rows[n].contact.name: n for n in app.main.task_list.marked}
        assert sorted(marked) == ["Jakub Nowak", "Ольга П."]
        assert await app.inbox.read(drafts.load, 0, "bulk") is None
        async with inbox.store.read() as uow:
            draft = await drafts.load(uow, AgentActor(anna), marked["Ольга П."], "reply")
        assert draft is not None
        assert draft.text.startswith("Hi Ольга,")
        # Undo takes all of them back, and the text is a draft again.
        await type_burst(pilot, "\x1bz")
        assert "3 replies taken back" in screen_text(app)
        assert await texts(inbox) == before
        kept = await app.inbox.read(drafts.load, 0, "bulk")
        assert kept is not None
        assert kept.text.startswith("Hi {{client.first_name|there}},")
        # One marked task is answered in its own composer, wherever the cursor is.
        await type_burst(pilot, "gg")
        first = app.main.task_list.cursor
        await type_burst(pilot, "xrHello")
        assert app.main.task_pane.composer.box.text == "Hello"
        assert app.main.task_pane.task_id == first
