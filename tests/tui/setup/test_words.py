"""What the first start offers after a check: that which mends it stands first."""

from pfinbox.domain.contract.setup import Page, Question
from pfinbox.tui.setup.gate import Line
from pfinbox.tui.setup.words import account_ways, look_ways, post_ways

PAGES = (
    Page("The mailbox", (Question("address", "address"),)),
    Page("The servers", (Question("imap", "IMAP server"),)),
    Page("The password", (Question("password", "password", "secret"),)),
)


def ways(*kinds: str, address: str | None = "a@b.example") -> list[object]:
    lines = [Line("reached"), *(Line("x", "it does not work", kind) for kind in kinds)]
    return [item.value for item in account_ways(lines, PAGES, address)]


def test_what_mends_it_stands_first_and_nobody_is_held_back() -> None:
    assert ways() == ["post", "on", 0, 1, 2]
    assert ways(address=None) == ["on", 0, 1, 2]
    assert ways("auth_failed") == [2, "again", 0, 1, "on"]
    assert ways("secret_unreadable", "secret_unreadable")[0] == 2
    # The first thing that is wrong may be the reason of the others.
    assert ways("connection_failed", "auth_failed") == [1, "again", 0, 2, "on"]
    assert ways("tls_failed")[0] == ways("")[0] == 1
    for known in ("webhook_set", "group_privacy"), ("no_base_url",), ("not_subscribed",):
        assert ways(*known) == ["on", "again", 0, 1, 2]
    assert [item.value for item in account_ways([Line("x", "y")], (), None)] == ["again", "on"]


def test_a_database_that_cannot_be_used_is_not_gone_on_with() -> None:
    assert [item.value for item in look_ways([Line("x", "y")])] == ["change"]
    assert [item.value for item in look_ways([Line("x")])] == ["on", "change"]
    assert [item.value for item in post_ways([Line("x"), Line("x", "y")])] == ["post", "on"]
