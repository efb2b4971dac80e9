"""What could not be read is listed with its reason, and shown harmless."""

from sqlalchemy import select, update

from pfinbox.domain.reason import Reason
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, screen_text, settle, type_burst

HOSTILE = b"Subject: [/] [@click=app.quit]x\r\n\x1b[2J\x1b]52;c;AAAA\x07 \xff"


async def test_what_could_not_be_read_is_shown_harmless(inbox: Inbox) -> None:
    async def unreadable(uow: UnitOfWork) -> None:
        ident = (await uow.connection.execute(select(t.receipt.c.id).limit(1))).scalar_one()
        values = update(t.receipt).where(t.receipt.c.id == ident)
        reason = Reason("unreadable", {"detail": "nested too deeply"}).as_json()
        values = values.values(state="quarantined", reason=reason, raw=HOSTILE, size=len(HOSTILE))
        await uow.connection.execute(values)

    await inbox.store.run(unreadable)
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "gq")
        await compare(app, pilot, "quarantine-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "quarantine-80x24")
        await type_burst(pilot, "\r")
        shown = screen_text(app)
        assert "[/] [@click=app.quit]x" in shown
        assert "\x1b" not in shown
        await type_burst(pilot, "\x1b\x1b")
        assert app.screen is app.main


async def test_a_list_with_nothing_in_it_says_so(inbox: Inbox) -> None:
    """A heading alone is the sentence; a list that is empty without a word looks broken."""
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "gq")
        assert "Everything could be read." in screen_text(app)
        await type_burst(pilot, "\x1br")
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "None yet" in screen_text(app)
