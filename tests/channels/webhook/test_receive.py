"""What comes by a request becomes events: ours and Planfix's, with files from elsewhere (R11, R12,
R20, R43)."""

import base64
from contextlib import aclosing
from typing import Any
from urllib.parse import urlencode

import pytest

from pfinbox.channels.webhook.channel import WebhookChannel
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import AccountFailure, TemporaryFailure
from pfinbox.domain.contract.incoming import Deletion, Edit, Fate, Message, Report
from pfinbox.domain.contract.webhook import Request
from tests.channels.webhook.conftest import NOW, TOKEN, Target, Waiting, account, post


async def received(*requests: Request, **settings: Any) -> list[Batch]:
    """The batches until nothing more waits."""
    channel = WebhookChannel(account(Waiting(*requests), **settings), now=lambda: NOW)
    found: list[Batch] = []
    try:
        async with aclosing(channel.receive(None)) as batches:  # type: ignore[type-var]
            async for batch in batches:
                if batch.idle:
                    return found
                found.append(batch)
    finally:
        await channel.close()
    return found


async def events(*requests: Request, **settings: Any) -> list[Any]:
    batches = await received(*requests, **settings)
    return [incoming.event for batch in batches for incoming in batch.items]


async def test_a_message_in_our_own_form() -> None:
    (message,) = await events(
        post(
            {
                "id": 17,
                "chat": "c1",
                "at": "2026-11-28T11:00:00+00:00",
                "contact": {"id": 7, "name": "Maria", "email": "maria@client.example"},
                "text": "Where is it?",
                "title": "Order 12",
                "reply_to": "m0",
                "files": [{"name": "a.txt", "base64": base64.b64encode(b"abc").decode()}],
            }
        )
    )
    assert isinstance(message, Message)
    assert (message.source_id, message.chat_key, message.text) == ("17", "c1", "Where is it?")
    assert (message.sender.value, message.sender.name) == ("7", "Maria")
    assert (message.title, message.references, message.sent_at.hour) == ("Order 12", ("m0",), 11)
    assert [(one.name, one.content) for one in message.files] == [("a.txt", b"abc")]


async def test_r20_a_file_in_the_body_is_not_kept_twice() -> None:
    content = bytes(range(256)) * 10
    written = {"name": "a", "base64": base64.b64encode(content).decode()}
    (batch,) = await received(post({"chat": "c", "text": "x", "files": [written]}))
    (incoming,) = batch.items
    assert isinstance(incoming.event, Message)
    place = incoming.event.files[0].slice
    assert place is not None
    assert place.of(incoming.raw) == content


async def test_edits_deletions_and_reports() -> None:
    edit, deletion, report = await events(
        post(
            [
                {"event": "edit", "id": "m1", "text": "Better"},
                {"event": "delete", "id": "m1", "chat": "c1"},
                {"event": "delivery", "id": "o1", "state": "failed", "reason": "no credit"},
            ]
        )
    )
    assert isinstance(edit, Edit)
    assert (edit.source_id, edit.text) == ("m1", "Better")
    assert isinstance(deletion, Deletion)
    assert deletion.source_ids == ("m1",)
    assert isinstance(report, Report)
    assert (report.fate, report.reason and report.reason.args) == (
        Fate.FAILED,
        {"detail": "no credit"},
    )


@pytest.mark.parametrize("as_form", [True, False])
async def test_planfix_s_new_message_comes_unchanged(as_form: bool, target: Target) -> None:
    base = target.url.removesuffix("/in")
    target.files["/a.pdf"] = (200, b"%PDF")
    fields = {
        "cmd": "newMessage",
        "providerId": "shop",
        "chatId": "c9",
        "planfix_token": TOKEN,
        "message": "Здравствуйте",
        "title": "Заказ",
        "contactId": "55",
        "contactName": "Мария",
        "contactLastName": "Лопес",
    }
    if as_form:
        pairs = [*fields.items(), ("attachments[name]", "a.pdf")]
        body = urlencode([*pairs, ("attachments[url]", f"{base}/a.pdf")]).encode()
        given = post(body, kind="application/x-www-form-urlencoded", signed=False)
    else:
        attachments = {"name": "a.pdf", "url": f"{base}/a.pdf"}
        given = post({**fields, "attachments": attachments}, signed=False)
    (batch,) = await received(given, allow_private=True)
    (incoming,) = batch.items
    message = incoming.event
    assert isinstance(message, Message)
    assert (message.chat_key, message.text, message.title) == ("c9", "Здравствуйте", "Заказ")
    assert (message.sender.value, message.sender.name) == ("55", "Мария Лопес")
    assert [(one.name, one.content) for one in message.files] == [("a.pdf", b"%PDF")]
    assert TOKEN.encode() not in incoming.raw


async def test_r43_an_echo_was_sent_elsewhere() -> None:
    (message,) = await events(
        post(
            {
                "cmd": "newMessage",
                "chatId": "c9",
                "contactId": "55",
                "message": "Ours",
                "isEcho": "1",
                "userEmail": "anna@example.com",
                "planfix_token": TOKEN,
            }
        )
    )
    assert message.sent_elsewhere
    assert (message.sender.value, message.to[0].value) == ("anna@example.com", "55")


async def test_r12_each_request_goes_with_what_was_read_from_it() -> None:
    first, second = await received(
        post({"chat": "c", "text": "one"}), post({"chat": "c", "text": "two"})
    )
    assert (first.taken, second.taken) == ((1,), (2,))
    assert first.items[0].key != second.items[0].key


async def test_a_file_in_a_private_network_is_named_and_not_fetched(target: Target) -> None:
    url = target.url.replace("/in", "/secret.txt")
    target.files["/secret.txt"] = (200, b"inside")
    (message,) = await events(
        post({"chat": "c", "text": "x", "files": [{"name": "s.txt", "url": url}]})
    )
    assert message.files == ()
    assert [one.kind for one in message.warnings] == ["file_not_fetched"]
    assert url in message.warnings[0].sentence()


async def test_a_file_that_is_not_there_yet_is_tried_again_and_then_named(
    target: Target,
) -> None:
    target.files["/slow"] = (503, b"")
    url = target.url.replace("/in", "/slow")
    body = post({"chat": "c", "text": "x", "files": [{"name": "s", "url": url}]})
    channel = WebhookChannel(account(Waiting(body), allow_private=True), now=lambda: NOW)
    for _try in range(2):
        with pytest.raises(TemporaryFailure):
            await anext(channel.receive(None))
    batch = await anext(channel.receive(None))
    await channel.close()
    event = batch.items[0].event
    assert isinstance(event, Message)
    assert [one.kind for one in event.warnings] == ["file_not_fetched"]


async def test_without_the_door_the_account_says_so() -> None:
    with pytest.raises(AccountFailure) as failure:
        await anext(WebhookChannel(account()).receive(None))
    assert failure.value.reason.kind == "no_door"


async def test_stored_bytes_are_read_again_alike() -> None:
    (batch,) = await received(post({"chat": "c", "text": "one", "id": "m"}))
    (incoming,) = batch.items
    again = WebhookChannel(account(), now=lambda: NOW).parse(incoming.key, incoming.raw)
    assert again == incoming
