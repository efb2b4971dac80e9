"""What could not be read is listed with its reason, and shown harmless."""

import asyncio

from sqlalchemy import select, update
from textual.pilot import Pilot

from pfinbox.daemon.chores.rereader import Rereader
from pfinbox.domain.contract.incoming import Ignored, Unreadable
from pfinbox.domain.contract.reason import Reason
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.outbox.quarantine_screen import QuarantineScreen
from tests.builders import Inbox
from tests.daemon.scripted import ScriptedChannel
from tests.daemon.test_sender import a_lease
from tests.tui.stage import compare, on_stage, press, screen_text, settle, type_burst

HOSTILE = b"Subject: [/] [@click=app.quit]x\r\n\x1b[2J\x1b]52;c;AAAA\x07 \xff"


async def said_so(app: PfinboxApp, pilot: Pilot[None], words: str) -> None:
    """The news of a change by another process comes by itself."""
    async with asyncio.timeout(10):
        while words not in screen_text(app):
            await settle(pilot)


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
        # The daemon reads it again, and the screen says how that went.
        channel = ScriptedChannel()
        why = Unreadable(reason=Reason("too_slow", {"seconds": 10}), sent_at=inbox.clock.now)
        channel.readings = [why, Ignored(reason=Reason("own_loop"))]
        lease = await a_lease(inbox, dead=True)
        channels = dict.fromkeys(inbox.account_ids.values(), channel)
        await type_burst(pilot, "\x1bR")
        assert "The daemon reads it again as soon as it runs." in screen_text(app)
        await Rereader(inbox.store, lease, channels).run_once()
        await said_so(app, pilot, "It still cannot be read.")
        assert "Read again" in screen_text(app)
        await type_burst(pilot, "A")
        await Rereader(inbox.store, lease, channels).run_once()
        await said_so(app, pilot, "1 could be read")
        assert "Everything could be read." in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert app.screen is app.main


async def test_r47_what_is_under_the_cursor_stays(inbox: Inbox) -> None:
    """What could be read meanwhile leaves the list, but not from under the hand."""

    async def becomes(state: str, *idents: int) -> None:
        values = update(t.receipt).where(t.receipt.c.id.in_(idents)).values(state=state)
        await inbox.store.run(lambda uow: uow.connection.execute(values))

    async with inbox.store.read() as uow:
        query = select(t.receipt.c.id).order_by(t.receipt.c.id).limit(4)
        first, second, third, fourth = await uow.connection.scalars(query)
    await becomes("quarantined", first, second, third)
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "gqj")
        screen = app.screen
        assert isinstance(screen, QuarantineScreen)
        for gone, come, shown in (
            (first, fourth, [second, third, fourth]),
            (second, first, [first, second, third, fourth]),
        ):
            await becomes("done", gone)
            await becomes("quarantined", come)
            screen.reload()
            await settle(pilot)
            assert screen.pick_list.values == shown
            assert screen.pick_list.value == second
        await type_burst(pilot, "R")
        assert "This is no longer here; nothing was done." in screen_text(app)


async def test_a_list_with_nothing_in_it_says_so(inbox: Inbox) -> None:
    """A heading alone is the sentence; a list that is empty without a word looks broken."""
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "gq")
        assert "Everything could be read." in screen_text(app)
        await type_burst(pilot, "\x1br")
        await press(pilot, "ctrl+r")
        assert "None yet" in screen_text(app)
