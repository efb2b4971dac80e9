"""The outbox: what waits and what is stuck, with the reason, and what a person does about it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from pfinbox.domain.contract.reason import Reason
from pfinbox.services.outbound import restore_guard
from pfinbox.services.tasks import drafts
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.outbox.outbox_screen import OutboxScreen
from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, press, screen_text, settle, type_burst


async def states(inbox: Inbox) -> list[str]:
    async with inbox.store.read() as uow:
        query = select(t.delivery.c.state).order_by(t.delivery.c.id)
        return [str(state) for state in await uow.connection.scalars(query)]


async def fails(inbox: Inbox, state: str = "failed", kind: str = "chat_closed") -> int:
    """The first delivery is stuck; its id."""

    async def stuck(uow: UnitOfWork) -> int:
        query = select(t.delivery.c.id).order_by(t.delivery.c.id).limit(1)
        ident = (await uow.connection.execute(query)).scalar_one()
        reason = Reason(kind, {"name": "Maria Lopez"}).as_json()
        values = update(t.delivery).where(t.delivery.c.id == ident)
        await uow.connection.execute(values.values(state=state, error=reason, attempts=3))
        return int(ident)

    return await inbox.store.run(stuck)


async def becomes(inbox: Inbox, ident: int, **values: Any) -> None:
    """The delivery is another by now: by the daemon, or another agent."""
    change = update(t.delivery).where(t.delivery.c.id == ident).values(**values)
    await inbox.store.run(lambda uow: uow.connection.execute(change))


def sheet(app: PfinboxApp) -> OutboxScreen:
    assert isinstance(app.screen, OutboxScreen)
    return app.screen


async def test_r24_what_failed_stands_first_with_its_reason(inbox: Inbox) -> None:
    stuck = await fails(inbox)
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "go")
        await compare(app, pilot, "outbox-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "outbox-80x24")
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        current = sheet(app).current
        assert current is not None
        assert current.id == stuck
        await type_burst(pilot, "R")
        assert (await states(inbox))[0] == "pending"
        assert "Tried again" in screen_text(app)
        await type_burst(pilot, "\r")
        assert app.main.task_pane.task_id == current.task_id
        # From here, too, another view is two letters away.
        await type_burst(pilot, "gogm")
        assert app.screen is app.main
        assert app.main.list_pane.view == "mine"


async def test_r24_dismissed_marked_as_sent_and_all_tried_again(inbox: Inbox) -> None:
    await fails(inbox)
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "goA")
        assert "failed" not in await states(inbox)
        await fails(inbox, "unknown", "connection_lost")
        await type_burst(pilot, "\x1bgoA")
        assert (await states(inbox))[0] == "unknown"
        assert "Nothing has failed here" in screen_text(app)
        await type_burst(pilot, "d")
        assert (await states(inbox))[0] == "sent"
        await fails(inbox)
        await type_burst(pilot, "\x1bgoX")
        assert (await states(inbox))[0] == "failed"
        assert not [row for row in sheet(app).page.rows if row.state == "failed"]


async def test_r18_another_moment_at_once_and_back_as_a_draft(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "gob")
        await press(pilot, "ctrl+o")
        assert "even if the client writes before" in screen_text(app)
        await type_burst(pilot, "tomorrow 9:00\r")
        current = sheet(app).current
        assert current is not None
        assert (current.state, current.send_anyway) == ("scheduled", True)
        assert current.due_at.hour == 9
        # What has not left can get another text; leaving without keeping it asks once more.
        await type_burst(pilot, "eMuch \x1b\x1b")
        assert sheet(app).page.texts[current.comment_id] == "Here: https://ours.example/manual"
        await type_burst(pilot, "e Promised.\x13")
        assert (
            sheet(app).page.texts[current.comment_id]
            == "Here: https://ours.example/manual Promised."
        )
        await type_burst(pilot, "s")
        assert (await states(inbox))[0] == "pending"
        held = {row.id: row for row in sheet(app).page.rows}
        chosen = sheet(app).current
        assert chosen is not None
        await type_burst(pilot, "w")
        assert chosen.id not in {row.id for row in sheet(app).page.rows}
        # The own action took it away: the cursor is on the row below.
        assert not sheet(app).pick_list.gone
        assert sheet(app).current is not None
        assert len(sheet(app).page.rows) == len(held) - 1
        draft = await app.inbox.read(drafts.load, chosen.task_id, "reply")
        assert draft is not None
        assert draft.text


async def test_r47_no_row_moves_under_the_hand(inbox: Inbox) -> None:
    """What fails, leaves or comes while the agent looks moves neither the cursor nor a row."""
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "go")
        first, last = before = sheet(app).pick_list.values
        # The last one fails, and belongs on top; the first one is sent later.
        await becomes(inbox, last, state="failed")
        await becomes(inbox, first, due_at=inbox.clock.now + timedelta(days=9))
        sheet(app).reload()
        await settle(pilot)
        assert sheet(app).pick_list.values == before
        assert sheet(app).pick_list.value == first
        assert "✗ not sent" in screen_text(app)
        assert "1 failed further down  (g o brings it up)" in screen_text(app)
        # Asked for again the list is in order.
        await type_burst(pilot, "goj")
        assert "further down" not in screen_text(app)
        assert sheet(app).pick_list.values == [last, first]
        # Another agent ends the one under the cursor: the key says so, and does nothing.
        await becomes(inbox, first, state="withdrawn")
        sheet(app).reload()
        await settle(pilot)
        assert sheet(app).pick_list.values == [last, first]
        assert sheet(app).pick_list.value == first
        await type_burst(pilot, "s")
        assert "This is no longer here; nothing was done." in screen_text(app)


async def test_after_a_restore_the_list_is_looked_at_and_sending_goes_on(inbox: Inbox) -> None:
    reason = Reason("database_older", {"n": 3})
    await inbox.store.run(lambda uow: restore_guard.hold(uow, reason))
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "go")
        assert "nothing is sent:" in screen_text(app)
        await type_burst(pilot, "S")
        await compare(app, pilot, "release-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "release-80x24")
        # Leaving changes nothing.
        await type_burst(pilot, "\x1b")
        assert sheet(app).page.held is not None
        assert set(await states(inbox)) == {"unknown"}
        # Another way for what may have gone is one key away, and says what it risks.
        await type_burst(pilot, "v")
        assert "it may come twice" in screen_text(app)
        await type_burst(pilot, "\x1bSj\r")
        assert sheet(app).page.held is None
        assert set(await states(inbox)) == {"pending"}
        assert "nothing is sent:" not in screen_text(app)
        await type_burst(pilot, "S")
        assert "Sending is not held." in screen_text(app)
