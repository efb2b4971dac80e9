"""Only who knows the secret gets in, whatever is sent; a repeat is answered alike (R12, R46)."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.channels.webhook.admit import admit
from pfinbox.domain.contract.webhook import Request
from tests.channels.webhook.conftest import NOW, SECRET, TOKEN, account, post

SETTINGS = dict(account().settings)
HELLO: dict[str, Any] = {
    "id": "m1",
    "chat": "c1",
    "text": "Hello",
    "contact": {"id": 7, "name": "Maria"},
}


def planfix(**more: Any) -> dict[str, Any]:
    return {"cmd": "newMessage", "chatId": "c1", "message": "Hello", "planfix_token": TOKEN} | more


@pytest.mark.parametrize(
    "request_",
    [
        post(HELLO),
        post(HELLO, rest=SECRET, signed=False),
        post(planfix(), signed=False),
        post(urlencode(planfix()).encode(), kind="application/x-www-form-urlencoded", signed=False),
        post([HELLO, HELLO | {"id": "m2"}]),
    ],
)
def test_r12_whoever_knows_the_secret_is_kept_and_a_repeat_is_answered_alike(
    request_: Request,
) -> None:
    verdict = admit(SETTINGS, request_)
    assert (verdict.status, verdict.keep) == (200, True)
    assert json.loads(verdict.body) == {"ok": True, "key": verdict.key}
    later = replace(request_, received_at=NOW + timedelta(seconds=20))
    assert admit(SETTINGS, later) == verdict


@pytest.mark.parametrize(
    "request_",
    [
        post(HELLO, signed=False),
        post(HELLO, rest="guess", signed=False),
        post(planfix(planfix_token="guess"), signed=False),
        post(planfix(planfix_token=[TOKEN]), signed=False),
        replace(post(HELLO), body=b'{"id":"m1","chat":"c1","text":"Other"}'),
        replace(post(HELLO), received_at=NOW + timedelta(seconds=301)),
        replace(post(HELLO), received_at=NOW - timedelta(seconds=60)),
        post(HELLO, head={"x-pfinbox-timestamp": "١٢٣"}),
        post(HELLO, head={"x-pfinbox-signature": "v1=é"}),
    ],
)
def test_r46_whoever_does_not_is_turned_away(request_: Request) -> None:
    verdict = admit(SETTINGS, request_)
    assert (verdict.status, verdict.keep) == (401, False)


def test_r46_no_secret_in_the_settings_opens_nothing() -> None:
    only_token = SETTINGS | {"secret": None}
    assert admit(only_token, post(HELLO, signed=False)).status == 401
    no_token = SETTINGS | {"planfix_token": None}
    assert admit(no_token, post(planfix(planfix_token=""), signed=False)).status == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"7",
        {"text": "no chat"},
        {"chat": "c", "text": " "},
        {"chat": "c", "text": "x", "at": "yesterday"},
        {"chat": "c", "text": {"a": 1}},
        {"chat": "c", "text": "x", "files": [{"name": "a"}]},
        {"chat": "c", "text": "x", "files": [{"name": "a", "url": "u", "base64": "b"}]},
        {"event": "dance", "chat": "c"},
        {"event": "delivery", "id": "x", "state": "lost"},
        {"event": "edit", "text": "x"},
        {"chat": "c", "text": "x", "id": "a\x00b"},
        {"chat": "c\ud800", "text": "x"},
        {"chat": "c", "text": "x", "contact": {"id": "\x00"}},
        {"chat": "c" * 501, "text": "x"},
    ],
)
def test_what_cannot_be_read_is_told_so(body: object) -> None:
    verdict = admit(SETTINGS, post(body))
    assert (verdict.status, verdict.keep) == (400, False)
    assert json.loads(verdict.body)["error"]


def test_other_methods_are_refused() -> None:
    assert admit(SETTINGS, replace(post(HELLO), method="GET")).status == 405


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["event", "id", "chat", "at", "text", "contact", "files", "cmd", "url", "name"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(values | st.binary(max_size=40))
def test_any_body_gets_one_of_the_known_answers(body: object) -> None:
    assert admit(SETTINGS, post(body)).status in (200, 400)
