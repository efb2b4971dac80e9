"""The line of each account: healthy, still reading years of mail, or in trouble."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.leasing import Process
from pfinbox.services import queries
from pfinbox.services.queries import Health
from pfinbox.services.system import leases
from pfinbox.store.rows import AccountRow
from pfinbox.store.write import accounts
from pfinbox.tui.widgets.status_bar import account_line
from tests.builders import Inbox
from tests.tui.stage import on_stage, screen_text, settle


@pytest.mark.parametrize(
    ("state", "detail", "line"),
    [
        ("ok", None, "● support"),
        ("ok", Reason("catching_up", {"left": 9640}), "● support: 9640 messages still to read"),
        (
            "retrying",
            Reason("server_busy", {"host": "h", "detail": "x"}),
            "◐ support: h has too much to do and asks to come…",
        ),
        ("failed", Reason("auth_failed", {"detail": "no"}), "✗ support: the server refused the"),
        ("connecting", Reason("catching_up", {"left": 9}), "◌ support"),
    ],
)
def test_an_account_says_how_it_does(state: str, detail: Reason | None, line: str) -> None:
    row = AccountRow("support", "email", "support@example.com", state, detail, None)
    assert account_line(row).plain.startswith(line)
    assert (account_line(row).plain == line) == (state != "failed")


async def test_r12_missing_messages_are_said_until_an_agent_takes_note(inbox: Inbox) -> None:
    gap = Gap(
        reason=Reason("not_kept", {"hours": 24}),
        since=inbox.clock.now - timedelta(days=3),
        until=inbox.clock.now - timedelta(days=1),
    )
    bot = inbox.account_ids["bot"]
    await inbox.store.run(lambda uow: accounts.set_gap(uow, bot, gap))
    async with on_stage(inbox) as (app, pilot):
        assert "! bot: messages are missing" in screen_text(app)
        app.main.run_command("accounts")
        await settle(pilot)
        shown = screen_text(app)
        assert "the service keeps messages for 24 h only" in shown
        assert ":acknowledge bot" in shown
        await pilot.press("escape")
        app.main.run_command("acknowledge")
        await settle(pilot)
        assert "Noted: bot" in screen_text(app)
        assert "missing" not in screen_text(app).splitlines()[0]
        app.main.run_command("acknowledge")
        await settle(pilot)
        assert "No messages are missing." in screen_text(app)


async def test_who_serves_and_who_stands_by_shows(inbox: Inbox) -> None:
    async def start(pid: int, *names: str) -> None:
        ids = [inbox.account_ids[name] for name in names]
        lease = await inbox.store.run(lambda uow: leases.start(uow, Process("alpha", pid)))
        await inbox.store.run(lambda uow: leases.acquire(uow, lease, accounts=ids))
        for one in ids:
            await inbox.store.run(partial(accounts.set_state, account_id=one, state="ok"))

    await start(11, "support", "bot")
    await start(12)
    async with on_stage(inbox) as (app, pilot):
        assert "● support   ● bot   ● daemon (+1 standing by)" in screen_text(app)
        inbox.clock.advance(seconds=60)
        app.main.reload()
        await settle(pilot)
        line = screen_text(app).splitlines()[0]
        assert "✗ support: unserved   ✗ bot: unserved   ✗ no daemon: nothing comes or goes" in line
        found = await app.inbox.read(queries.health)
        full = Reason("disk_full", {"folder": "/srv"})
        app.main.status_bar.health = replace(found, full=full)
        app.main.status_bar.show()
        assert "✗ the disk is full" in screen_text(app)


async def test_alarms_stay_in_a_line_that_is_too_short_for_their_reasons(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, _pilot):
        bar = app.main.status_bar
        why = Reason("auth_failed", {"detail": "no " * 30})
        accounts = tuple(
            AccountRow(name, "email", "", state, why if state == "failed" else None, None)
            for name, state in (("well", "ok"), ("one", "failed"), ("two", "failed"))
        ) + tuple(AccountRow(f"more{n}", "email", "", "ok", None, None) for n in range(20))
        bar.health = Health(accounts, None, Reason("disk_full", {"folder": "/srv"}))
        bar.show()
        line = screen_text(app).splitlines()[0]
        for alarm in ("the disk is full", "✗ no daemon", "✗ one: failed", "✗ two: failed"):
            assert alarm in line
        assert line.startswith(" pfinbox")
