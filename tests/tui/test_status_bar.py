"""The line of each account: healthy, still reading years of mail, or in trouble."""

import pytest

from pfinbox.domain.reason import Reason
from pfinbox.store.rows import AccountRow
from pfinbox.tui.widgets.status_bar import account_line


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
