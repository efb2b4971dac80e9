"""What MAX tells becomes events, and what leaves for it (R11, R15, R19, R20, R24, R25, R30)."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.max import SPEC
from pfinbox.channels.max.admit import admit
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
)
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import (
    ChatStarted,
    ChatState,
    Deletion,
    Edit,
    Ignored,
    IncomingEvent,
    Message,
    Unreadable,
)
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.domain.contract.webhook import Request
from pfinbox.errors import ConfigError
from tests.channels.max.conftest import SECRET, URL, Open, context, nothing, outgoing, polled
from tests.servers.max import DIALOGUE, Max

BEGIN = json.dumps({"marker": 0})


async def events(open_channel: Open, cursor: str | None = BEGIN) -> list[IncomingEvent]:
    batches = await polled(open_channel(mode="poll"), cursor)
    return [item.event for batch in batches for item in batch.items]


async def test_r30_everything_that_is_told(max_server: Max, open_channel: Open) -> None:
    await max_server.starts("word-of-task-7")
    said = await max_server.says("Здравствуйте")
    await max_server.edits(said, "Здравствуйте!")
    await max_server.deletes(said["body"]["mid"])
    await max_server.stops()
    await max_server.tell("message_created", message={"body": {}})
    started, message, edit, deletion, stopped, broken = await events(open_channel)
    assert isinstance(started, ChatStarted)
    assert (started.payload, started.chat_key) == ("word-of-task-7", str(DIALOGUE))
    assert isinstance(message, Message)
    assert (message.sender.value, message.sender.name) == ("123456789", "Мария Иванова")
    assert isinstance(edit, Edit)
    assert (edit.source_id, edit.text) == (message.source_id, "Здравствуйте!")
    assert isinstance(deletion, Deletion)
    assert deletion.source_ids == (message.source_id,)
    assert isinstance(stopped, ChatState)
    assert not stopped.writable
    assert isinstance(broken, Unreadable)


async def test_r12_the_marker_is_where_it_goes_on(max_server: Max, open_channel: Open) -> None:
    for number in range(3):
        await max_server.says(f"{number}")
    first, last = await polled(open_channel(mode="poll"), BEGIN)
    assert len(first.items) == 3
    assert last.cursor is not None
    assert await events(open_channel, last.cursor) == []
    profile = first.profile
    assert profile is not None
    assert profile.invitation == "https://max.ru/test-bot?start={token}"


async def test_r20_attachments_come_as_files_or_in_words(
    max_server: Max, open_channel: Open
) -> None:
    attachments: list[dict[str, Any]] = [
        {"type": "image", "payload": {"photo_id": 1, "url": max_server.keep(b"png", "p")}},
        {"type": "video", "payload": {"token": "v", "url": max_server.keep(b"a player", "of-v")}},
        {"type": "video", "payload": {"token": "gone", "url": f"{max_server.base}/files/gone"}},
        {"type": "location", "latitude": 55.7, "longitude": 37.6},
        {"type": "contact", "payload": {"vcf_info": "TEL:+7900", "max_info": {"name": "Олег"}}},
        {"type": "share", "title": "Сайт", "payload": {"url": "https://x.example"}},
        {"type": "inline_keyboard", "payload": {"buttons": []}},
        {"type": "hologram"},
    ]
    max_server.keep(b"mp4", "v")
    await max_server.says("вот", attachments=attachments)
    of_another = {"mid": "m", "text": "слова\nдругого", "attachments": attachments[:1]}
    forward = {"type": "forward", "message": of_another}
    reply = {"type": "reply", "message": {"mid": "mid.9", "text": "наше"}}
    for link in (forward, reply):
        message = max_server._message({"user_id": 1, "name": "Олег"}, "x")
        await max_server.tell("message_created", message={**message, "link": link})
    bare = {**max_server._message({"user_id": 1, "name": "Олег"}, "x"), "body": None}
    await max_server.tell("message_created", message={**bare, "link": forward})
    group = max_server._message({"user_id": 1}, "x")
    group["recipient"]["chat_type"] = "chat"
    await max_server.tell("message_created", message=group)
    first, passed_on, answer, nothing_else, ignored = await events(open_channel)
    assert isinstance(first, Message)
    assert [one.content for one in first.files] == [b"png", b"mp4"]
    assert [one.kind for one in first.warnings] == ["file_not_fetched"]
    assert first.text.splitlines() == [
        "вот",
        "📍 55.7, 37.6",
        "https://www.openstreetmap.org/?mlat=55.7&mlon=37.6",
        "👤 Олег +7900",
        "🔗 Сайт https://x.example",
        "[hologram]",
    ]
    assert isinstance(passed_on, Message)
    assert passed_on.text == "x\n> слова\n> другого"
    assert isinstance(nothing_else, Message)
    assert nothing_else.text == "> слова\n> другого"
    assert nothing_else.source_id == f"{DIALOGUE}:{bare['timestamp']}"
    for one in (passed_on, nothing_else):
        assert [file.content for file in one.files] == [b"png"]
    assert isinstance(answer, Message)
    assert (answer.references, answer.answered_text) == (("mid.9",), "наше")
    assert isinstance(ignored, Ignored)


def request(**changed: Any) -> Request:
    body = json.dumps({"update_type": "bot_stopped", "chat_id": 1}).encode()
    given = Request(
        method="POST",
        rest="",
        headers={"x-max-bot-api-secret": SECRET},
        body=body,
        received_at=datetime.now(UTC),
    )
    return replace(given, **changed)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        ({"body": b"no JSON"}, 200),
        ({"headers": {}}, 401),
        ({"headers": {"x-max-bot-api-secret": SECRET + "x"}}, 401),
        ({"method": "GET"}, 405),
    ],
)
def test_r46_only_who_knows_the_secret_is_kept(changed: dict[str, Any], status: int) -> None:
    verdict = admit(context("http://x").settings, request(**changed))
    assert (verdict.status, verdict.keep) == (status, status == 200)
    assert bool(verdict.key) is verdict.keep


async def test_max_is_told_where_to_push_to(max_server: Max, open_channel: Open) -> None:
    channel = open_channel()
    assert [one.ok for one in await channel.probe()] == [True, False]
    with pytest.raises(AccountFailure):  # no door in this test
        await anext(channel.receive(None))
    await channel._subscribe()
    await channel._subscribe()
    assert [(one["url"], one["secret"]) for one in max_server.subscriptions] == [(URL, SECRET)]
    assert [one.ok for one in await channel.probe()] == [True]


async def test_without_an_address_of_its_own_the_account_says_so(open_channel: Open) -> None:
    channel = open_channel(hook_url=None)
    assert [one.reason.kind for one in await channel.probe() if one.reason] == ["no_base_url"]
    with pytest.raises(AccountFailure) as failure:
        await channel._subscribe()
    assert failure.value.reason.kind == "no_base_url"


async def test_r15_the_client_gets_the_text_and_nothing_else(
    max_server: Max, open_channel: Open
) -> None:
    sent = await open_channel().send(outgoing("Да", quote_source_id="mid.7"), nothing)
    (message,) = max_server.sent
    assert sent.source_id == message["body"]["mid"]
    method, path, query, body = max_server.calls[-1]
    assert (method, path, query) == ("POST", "/messages", {"chat_id": str(DIALOGUE)})
    assert body == {
        "text": "Да",
        "attachments": None,
        "link": {"type": "reply", "mid": "mid.7"},
    }


async def test_r20_a_file_that_is_not_ready_is_waited_for(
    max_server: Max, open_channel: Open
) -> None:
    max_server.not_ready = 3
    for file in (File("a.png", "image/png", b"png"), File("b.pdf", "application/pdf", b"pdf")):
        await open_channel().send(outgoing("", files=(file,)), nothing)
    assert [one["attached"][0]["type"] for one in max_server.sent] == ["image", "file"]
    assert [content for _name, content in max_server.uploaded.values()] == [b"png", b"pdf"]
    # What the host of uploads refuses says nothing of the chat or of the account (R24).
    for status in (401, 403, 404):
        max_server.upload_faults.append(status)
        with pytest.raises(TemporaryFailure):
            await open_channel().send(outgoing("", files=(file,)), nothing)
    max_server.not_ready = 99
    with pytest.raises(TemporaryFailure):
        await open_channel().send(outgoing("", files=(File("a", "video/mp4", b"x"),)), nothing)


@pytest.mark.parametrize(
    ("status", "error", "writable"),
    [
        (400, PermanentFailure, True),
        (401, AccountFailure, True),
        (403, PermanentFailure, False),
        (404, PermanentFailure, False),
        (429, TemporaryFailure, True),
    ],
)
async def test_r24_refusals_say_why(
    max_server: Max,
    open_channel: Open,
    status: int,
    error: type[ChannelError],
    writable: bool,
) -> None:
    max_server.faults.append(status)
    with pytest.raises(error) as failure:
        await open_channel().send(outgoing(), nothing)
    assert getattr(failure.value, "chat_writable", True) is writable


async def test_r11_what_was_sent_can_be_changed_and_taken_back(
    max_server: Max, open_channel: Open
) -> None:
    channel = open_channel()
    sent = await channel.send(outgoing("wnoe"), nothing)

    def change(kind: AmendmentKind, text: str = "") -> Amendment:
        return Amendment(nonce="a1", kind=kind, text=text, chat_key="1", source_id=sent.source_id)

    await channel.amend(change(AmendmentKind.EDIT, "one"))
    assert [one["body"]["text"] for one in max_server.sent] == ["one"]
    await channel.amend(change(AmendmentKind.DELETE))
    assert max_server.sent == []
    with pytest.raises(PermanentFailure):
        await channel.amend(change(AmendmentKind.DELETE))
    await channel.show_writing(str(DIALOGUE))
    assert max_server.calls[-1][3] == {"action": "typing_on"}


async def test_the_token_is_never_shown(max_server: Max, open_channel: Open) -> None:
    channel = open_channel(token="very-secret-token", mode="poll")
    with pytest.raises(AccountFailure) as failure:
        await polled(channel, None)
    assert "very-secret" not in repr(failure.value) + repr(await channel.probe())


async def test_a_root_certificate_that_cannot_be_read_is_named(open_channel: Open) -> None:
    (finding,) = await open_channel(ca_file="/nowhere/root.pem").probe()
    assert not finding.ok
    assert finding.reason is not None
    assert "/nowhere/root.pem" in finding.reason.sentence()


def test_pushing_needs_a_secret() -> None:
    with pytest.raises(ConfigError, match="secret"):
        check(
            {"token": "t"},
            SPEC.settings,
            where="accounts.max",
            source="test",
            secret=lambda value, _: Secret(str(value)),
        )
