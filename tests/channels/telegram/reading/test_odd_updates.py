"""Odd updates: read as far as they go, else kept whole in quarantine; never an exception (R12)."""

import json
from typing import Any

import pytest

from pfinbox.channels.telegram.reading.fields import canonical, key_of
from pfinbox.domain.contract.incoming import Unreadable
from tests.channels.telegram.updates import DATE, NOW, reading, said, update


def without(name: str, **content: Any) -> Any:
    given = update(text="x", **content)
    del given["message"][name]
    return given


STILL_READ: list[tuple[Any, str]] = [
    (without("date"), "x"),
    (update(text=123), "123"),
    (update(text="a\x00b\ud800"), "a\x00b\ud800"),
    (without("from"), "x"),
    (update(text="x", entities="none"), "x"),
    (update(text="x", entities=[{"type": "bold", "offset": -1, "length": 9}, 3]), "x"),
]


@pytest.mark.parametrize(("given", "text"), STILL_READ)
def test_odd_updates_are_read_as_far_as_they_go(given: Any, text: str) -> None:
    event = said(given)
    assert event.text == text
    assert event.sender.value == "42"


@pytest.mark.parametrize("date", [10**30, -5, 0, "soon", None, True, 1e9])
def test_an_impossible_date_becomes_the_time_of_receiving(date: Any) -> None:
    given = update(text="x")
    given["message"]["date"] = date
    assert said(given).sent_at == NOW


BROKEN: list[Any] = [
    None,
    [],
    "text",
    {},
    {"update_id": 1},
    {"update_id": 1, "hologram": {}},
    {"update_id": 1, "message": None},
    {"update_id": 1, "message": []},
    {"update_id": 1, "message": {"message_id": 1, "text": "x"}},
    without("chat"),
    without("message_id"),
    update(chat={"id": "42", "type": "private"}, text="x"),
    {"update_id": 1, "deleted_business_messages": {"chat": {"id": 1}}},
    {"update_id": 1, "my_chat_member": {}},
]


@pytest.mark.parametrize("given", BROKEN)
def test_what_cannot_be_read_goes_to_quarantine(given: Any) -> None:
    event = reading(given).event
    assert isinstance(event, Unreadable)
    assert event.reason.kind in ("unreadable", "unsupported")


def test_quarantine_knows_what_little_can_be_told() -> None:
    event = reading(without("message_id")).event
    assert isinstance(event, Unreadable)
    assert event.title == "x"
    assert event.sender is not None
    assert event.sender.value == "42"
    assert event.sent_at.timestamp() == DATE


def test_r12_a_key_is_the_content_without_the_number() -> None:
    first = update(text="a\ud800\x00")
    again = {**json.loads(json.dumps(first)), "update_id": 999}
    assert key_of(first) == key_of(again)
    assert key_of(first) != key_of(update(text="b"))
    assert json.loads(canonical(first)) == first
