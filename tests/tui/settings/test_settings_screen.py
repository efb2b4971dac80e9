"""What an agent sets in the terminal: notices by e-mail (R22), quiet hours, absence (R44)."""

from pfinbox.services.people import preferences
from pfinbox.store import read
from pfinbox.store.rows import AgentRow
from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, press, said, screen_text, settle, type_burst


async def anna(inbox: Inbox) -> AgentRow:
    async with inbox.store.read() as uow:
        rows = await read.agents(uow)
    return next(row for row in rows if row.login == "anna")


async def test_my_settings_are_kept_at_once(inbox: Inbox) -> None:
    told: list[str] = []
    async with on_stage(inbox, agent_name="Anna Lis", notifications=True, terminal=told.append) as (
        app,
        pilot,
    ):
        await type_burst(pilot, "gp")
        # Without an address no mail can come: the reason is said, nothing changes (R22).
        await type_burst(pilot, "\r")
        assert "Anna has no e-mail address" in said(app)
        # It would go by itself after eight seconds, which the screen below may or may not take.
        app.clear_notifications()
        await type_burst(pilot, "j\ranna@ours.example\rk\r")
        me = await anna(inbox)
        assert (me.email, me.notify_by_mail) == ("anna@ours.example", True)
        # How a message is told here, and when it is not.
        await type_burst(pilot, "jjj\rkitty\rj\r8-9\r")
        # What are no hours is not taken; the field keeps it.
        assert app.screen.query("#answer")
        await press(pilot, *["backspace"] * 5)
        await type_burst(pilot, "00:00-23:59\r")
        async with inbox.store.read() as uow:
            look = await preferences.load(uow, inbox.actor("anna"))
        assert (look["notices"], look["quiet_hours"]) == ("osc99", "00:00-23:59")
        told.clear()
        app.ring(3, "Maria Lopez: new")
        assert not [one for one in told if "99;" in one]
        # Away, with somebody who stands in (R44).
        await type_burst(pilot, "j\rtomorrow 9:00\rboris\r")
        me = await anna(inbox)
        assert me.deputy == "boris"
        assert me.away_until is not None
        await compare(app, pilot, "settings-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "settings-80x24")
        await type_burst(pilot, "\r")
        assert (await anna(inbox)).away_until is None
        await type_burst(pilot, "jj\r")
        assert "Colours" in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert app.screen is app.main
