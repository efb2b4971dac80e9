"""An empty list says why it is empty; never that all is well while messages may be missing."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from pfinbox.domain.contract.reason import Reason
from pfinbox.services.queries import Health
from pfinbox.store import tables as t
from pfinbox.store.rows import AccountRow, DaemonRow
from pfinbox.tui.inbox.empty import Key, empty_words, wrapped
from tests.builders import Inbox
from tests.store.seed import NOW
from tests.tui.stage import on_stage, screen_text, settle, type_burst

MAIL = AccountRow("support", "email", "support@example.com", "ok", None, NOW)
BOT = replace(MAIL, name="bot", channel="telegram")
WELL = Health((MAIL, BOT), DaemonRow("host", 7, NOW, NOW), None)
BUSY = Reason("server_busy", {"host": "mail.example", "detail": "later"})


def bracketed(name: str) -> str:
    return f"<{name}>"


def said(
    view: str, health: Health | None = WELL, query: str = "", key: Key = bracketed
) -> tuple[str, ...]:
    return empty_words(view, query, health, key)


@pytest.mark.parametrize("view", ["to_answer", "inbox", "unassigned", "account:support"])
@pytest.mark.parametrize(
    ("health", "words"),
    [
        (replace(WELL, accounts=()), "No account is connected"),
        (replace(WELL, daemon=None), "No daemon is running"),
        (replace(WELL, full=Reason("disk_full", {"folder": "/x"})), "The disk is full"),
        *(
            (replace(WELL, accounts=(replace(MAIL, state=state, detail=BUSY), BOT)), "support: not")
            for state in ("new", "connecting", "retrying", "failed", "unserved")
        ),
        (
            replace(WELL, accounts=(BOT, replace(MAIL, detail=Reason("catching_up", {"left": 9})))),
            "support: still being read",
        ),
    ],
)
def test_what_may_be_missing_is_said(view: str, health: Health, words: str) -> None:
    assert said(view, health)[0].startswith(words)
    assert said("trash", health)[0] == "The trash is empty."


def test_the_reason_and_the_next_step() -> None:
    assert said("to_answer") == (
        "Every client has an answer.",
        "<view_inbox> shows all that is open.",
    )
    assert said("to_answer", None) == ()
    away = replace(WELL, daemon=None)
    coming = empty_words("to_answer", "", away, str, starting=True)
    assert coming == ("The daemon is starting; what has come is here in a moment.",)
    assert empty_words("to_answer", "", WELL, str, starting=True) == said("to_answer", key=str)
    # Another account's trouble is no reason for this one's view.
    other = replace(WELL, accounts=(MAIL, replace(BOT, state="failed")))
    assert said("account:support", other) == (
        "No task of this account is open.",
        "<accounts> shows how each account does.",
    )
    assert said("tag:vip")[1] == "<tags> tags a task; <search> tag:vip finds closed ones, too."
    assert said("inbox", None, "word")[0] == "Nothing found in Inbox."
    assert said("living", None, "word")[1] == "in:trash and in:spam look there, too."
    reason, step = "A reason that is long.", "A step."
    assert wrapped((reason, step), 21) == [
        ("A reason that is", True), ("long.", True), ("", False), ("A step.", False),
    ]  # fmt: skip


async def test_an_account_in_trouble_is_read_whole(inbox: Inbox) -> None:
    """The status bar has one line; a key, and a click on it, shows what the server said."""
    detail = {"host": "mail.example", "detail": "try again in one hour, this is a long sentence"}

    async def fail(uow: Any) -> None:
        values = {"state": "retrying", "detail": Reason("server_busy", detail).as_json()}
        where = t.account.c.name == "support"
        await uow.connection.execute(update(t.account).where(where).values(**values))

    await inbox.store.run(fail)
    async with on_stage(inbox) as (app, pilot):
        whole = "Mail.example has too much to do"
        await type_burst(pilot, "ga")
        shown = screen_text(app)
        assert "this is a long sentence." in shown
        assert "pfinbox doctor tries each step now" in shown
        assert "No daemon is running" in shown
        assert whole.lower() in shown.lower()
        await type_burst(pilot, "\x1b")
        await pilot.click("#status", offset=(60, 0))
        await settle(pilot)
        assert "this is a long sentence." in screen_text(app)


async def test_a_daemon_that_starts_with_the_screen_is_no_alarm_until_it_does_not_come(
    inbox: Inbox,
) -> None:
    async with on_stage(inbox, daemon_starts=lambda: True) as (app, pilot):
        assert "the daemon starts" in screen_text(app)
        assert "no daemon" not in screen_text(app)
        app.main.refreshing.no_daemon_came()
        await settle(pilot)
        assert "no daemon" in screen_text(app)
