"""What leaves by a webhook account, and what every kind of answer means (R20, R24)."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from pfinbox.channels.webhook import signing
from pfinbox.channels.webhook.channel import WebhookChannel
from pfinbox.domain.contract.channel import PermanentFailure, TemporaryFailure, UnknownOutcome
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from tests.channels.webhook.conftest import NOW, SECRET, Target, account


def outgoing(text: str = "Yes", **more: Any) -> Outgoing:
    return Outgoing(
        chat_key="c1",
        to=(Party("7", "Maria"),),
        text=text,
        created_at=NOW,
        source_id="tok.nonce",
        **more,
    )


async def nothing(_turned_away: object = None, /) -> None:
    """Nothing has to be written down."""


@pytest_asyncio.fixture
async def channel(target: Target) -> AsyncIterator[WebhookChannel]:
    made = WebhookChannel(account(send_url=target.url), now=lambda: NOW)
    yield made
    await made.close()


async def test_r15_the_target_gets_a_signed_message(
    channel: WebhookChannel, target: Target
) -> None:
    file = File("a.txt", "text/plain", b"abc")
    sent = await channel.send(outgoing(files=(file,), quote_source_id="m0"), nothing)
    assert (sent.source_id, sent.also) == ("tok.nonce", ("theirs-1",))
    ((head, body),) = target.taken
    assert signing.is_signed(SECRET, head, body, NOW.timestamp())
    assert json.loads(body) == {
        "event": "message",
        "id": "tok.nonce",
        "chat": "c1",
        "at": NOW.isoformat(),
        "contact": {"id": "7", "name": "Maria"},
        "text": "Yes",
        "reply_to": "m0",
        "files": [
            {"name": "a.txt", "type": "text/plain", "base64": base64.b64encode(b"abc").decode()}
        ],
    }


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, PermanentFailure),
        (401, PermanentFailure),
        (403, PermanentFailure),
        (404, PermanentFailure),
        (410, PermanentFailure),
        (302, PermanentFailure),
        (429, TemporaryFailure),
        (503, TemporaryFailure),
        (500, UnknownOutcome),
        (502, UnknownOutcome),
        (504, UnknownOutcome),
    ],
)
async def test_r24_refusals(
    channel: WebhookChannel, target: Target, status: int, error: type[Exception]
) -> None:
    target.status, target.head = status, {"Retry-After": "7"}
    with pytest.raises(error) as failure:
        await channel.send(outgoing(), nothing)
    if isinstance(failure.value, TemporaryFailure):
        assert failure.value.retry_after == 7


async def test_r24_a_lost_answer_is_unknown(channel: WebhookChannel, target: Target) -> None:
    target.drop = True
    with pytest.raises(UnknownOutcome):
        await channel.send(outgoing(), nothing)
    assert len(target.taken) == 1


async def test_r24_nobody_there_is_tried_again(unused_tcp_port: int) -> None:
    channel = WebhookChannel(account(send_url=f"http://127.0.0.1:{unused_tcp_port}/"))
    with pytest.raises(TemporaryFailure):
        await channel.send(outgoing(), nothing)
    assert [one.ok for one in await channel.probe()] == [False]
    await channel.close()


@pytest.mark.parametrize("answer", ["plain text", {"id": None}, [], {"id": {"a": 1}}])
async def test_any_2xx_is_sent(channel: WebhookChannel, target: Target, answer: object) -> None:
    target.status, target.answer = 202, answer
    sent = await channel.send(outgoing(), nothing)
    assert (sent.source_id, sent.also) == ("tok.nonce", ())
    assert [one.ok for one in await channel.probe()] == [True]


async def test_r25_without_an_address_it_only_receives() -> None:
    with pytest.raises(PermanentFailure) as failure:
        await WebhookChannel(account()).send(outgoing(), nothing)
    assert failure.value.reason.kind == "receives_only"


async def test_r20_a_large_file_goes_by_its_address(target: Target) -> None:
    context = replace(account(send_url=target.url), publish=lambda file: f"u/{file.name}")
    channel = WebhookChannel(context, now=lambda: NOW)
    large, small = (File(name, "a/b", b"x" * n) for name, n in (("l", 1_000_001), ("s", 1)))
    await channel.send(outgoing(files=(large, small)), nothing)
    await channel.close()
    files = json.loads(target.taken[0][1])["files"]
    assert files == [
        {"name": "l", "type": "a/b", "url": "u/l"},
        {"name": "s", "type": "a/b", "base64": "eA=="},
    ]
