"""What can be changed in the clients' copies of a comment (R11): pure rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pfinbox.domain.contract.amending import AmendmentKind
from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account
from pfinbox.domain.outbound.amending import PartChange, SentPart, delete_parts, edit_parts

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LIMITS = Limits(max_text=10, max_caption=5, files_per_part=10, delete_within=48 * 3600)
BOT = Account(1, "bot", "chat", Capability.EDITS | Capability.DELETES, LIMITS)
MAIL = Account(2, "support", "mail", Capability.SUBJECT)


def part(number: int = 1, text: str = "", files: int = 0, **values: object) -> SentPart:
    made = SentPart(number, 1, BOT, "sent", text, files, NOW - timedelta(hours=1))
    return replace(made, **values)  # type: ignore[arg-type]


def edit(number: int, text: str) -> PartChange:
    return PartChange(number, AmendmentKind.EDIT, text)


CASES: list[tuple[list[SentPart], str, list[PartChange] | str]] = [
    ([part(text="old")], "new", [edit(1, "new")]),
    ([part(text="same")], "same", []),
    # every copy, each as it was cut
    ([part(text="old"), part(2, "old", group=2)], "new", [edit(1, "new"), edit(2, "new")]),
    ([part(text="aaaaaaaa"), part(2, "bbb")], "aaaaaaaa\n\nccc", [edit(2, "ccc")]),
    ([part(text="old")], "a" * 11, "parts_differ"),
    ([part(text="aaaaaaaa"), part(2, "bbb")], "short", "parts_differ"),
    # the quotation above stays
    ([part(text="> a\nold", above="> a\n")], "new", [edit(1, "> a\nnew")]),
    ([part(text="> a\nold", above="> a\n")], "old", []),
    # a caption, and text that went beside its files
    ([part(text="old", files=2)], "new", [edit(1, "new")]),
    ([part(files=1)], "new", [edit(1, "new")]),
    ([part(text="old", files=1)], "longer", "parts_differ"),
    ([part(text="too long"), part(2, files=1)], "new", [edit(1, "new")]),
    # said before anything is changed
    ([part(text="old"), part(2, "old", account=MAIL, group=2)], "new", "copies_stay"),
    ([part(text="old", state="transmitting")], "new", "being_sent"),
    ([part(text="old", state="unknown")], "new", "not_fully_sent"),
    ([part(text="old"), part(2, "x", state="pending")], "new", "not_fully_sent"),
]


@pytest.mark.parametrize(("parts", "text", "expected"), CASES)
def test_r11_an_edit_reaches_every_copy_or_none(
    parts: list[SentPart], text: str, expected: list[PartChange] | str
) -> None:
    found = edit_parts(parts, text)
    assert (found.kind if isinstance(found, Reason) else found) == expected


def test_r11_a_copy_is_taken_away_while_the_channel_lets_us() -> None:
    parts = [part(text="a"), part(2, "b", sent_at=NOW - timedelta(hours=47))]
    found = delete_parts(parts, NOW)
    assert not isinstance(found, Reason)
    assert [(one.part_id, one.kind) for one in found] == [(1, "delete"), (2, "delete")]
    late = delete_parts(parts, NOW + timedelta(hours=1))
    assert late == Reason("too_old_to_delete", {"account": "bot", "hours": 48})
    assert delete_parts([part(account=MAIL)], NOW) == Reason("copies_stay", {"account": "support"})
