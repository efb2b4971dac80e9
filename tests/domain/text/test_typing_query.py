"""What a query that is still being typed may go on with."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.domain.text.query import CHOICES, OPERATORS, parse
from pfinbox.domain.text.typing_query import OFTEN, days, following, settled

VALUES = {
    "tag": ("billing", "bug", "vip"),
    "status": ("new", "in progress"),
    "from": ("Mendez", "Anna Lis"),
}


@pytest.mark.parametrize(
    ("typed", "stands", "offered"),
    [
        ("t", "", ("to:", "tag:")),
        ("refund -ta", "refund -", ("tag:",)),
        ("tag:b", "", ("tag:billing", "tag:bug")),
        ("a TAG:BU", "a ", ("tag:bug",)),
        ("tag:vip", "", ()),
        ("is:", "", tuple(f"is:{one}" for one in CHOICES["is"])),
        ("status:", "", ("status:new", 'status:"in progress"')),
        ("from:mar", "", ()),
        ("from:me", "", ("from:Mendez",)),
        ("-from:li", "-", ('from:"Anna Lis"',)),
        ("nothing:", "", ()),
        ('"said ta', '"said ta', ()),
    ],
)
def test_operators_and_their_values_are_offered(
    typed: str, stands: str, offered: tuple[str, ...]
) -> None:
    assert following(typed, VALUES) == (stands, offered)


def test_all_operators_are_offered_the_usual_first() -> None:
    _stands, offered = following("word ", VALUES)
    assert offered[: len(OFTEN)] == tuple(f"{name}:" for name in OFTEN)
    assert sorted(offered) == sorted(f"{name}:" for name in OPERATORS)
    assert days(date(2026, 3, 1)) == (
        "2026-03-01", "2026-02-28", "2026-02-22", "2026-02-01", "2026-01-01",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("refund tag:", "refund"),
        ("refund is:un", "refund"),
        ("refund is:red", "refund is:red"),
        ("before:2026-1", "before:2026-1"),
        ("before:2026-", ""),
        ("before:2.11.20", ""),
        ("before:soon", "before:soon"),
        ("nothing:", "nothing:"),
        ("tag:vip", "tag:vip"),
    ],
)
def test_what_is_only_begun_is_no_mistake(typed: str, asked: str) -> None:
    assert settled(typed) == asked


@given(st.text(st.sampled_from('rita: -"tgb'), max_size=12))
def test_what_is_offered_is_understood(typed: str) -> None:
    stands, offered = following(typed, VALUES)
    for one in offered:
        if not one.endswith(":") and ":" not in settled(stands):
            parse(one)
