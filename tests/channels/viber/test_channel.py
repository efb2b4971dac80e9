"""What Viber tells becomes events, and what leaves for it (R15, R20, R24, R25, R30, R42, R46)."""

import json
from typing import Any

import pytest

from pfinbox.channels.viber import SPEC
from pfinbox.channels.viber.admit import admit, signature
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import (
    ChatStarted,
    ChatState,
    Fate,
    Ignored,
    Message,
    Report,
    Unreadable,
)
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.errors import ConfigError
from tests.channels.viber.conftest import URL, Open, context, nothing, outgoing, signed, told
from tests.servers.viber import MARIA, TOKEN, Viber


async def test_r30_everything_that_is_told(viber_server: Viber, open_channel: Open) -> None:
    await viber_server.opens("word-of-task-7")
    await viber_server.tell("subscribed", user={"id": MARIA, "name": "Мария"})
    said = await viber_server.says("Здравствуйте")
    channel = open_channel(name="Мебель", greeting="Добрый день!")
    sent = await channel.send(outgoing(), nothing)
    for kind in ("delivered", "seen"):
        await viber_server.reports(kind)
    await viber_server.reports("failed", desc="no phone")
    await viber_server.unsubscribes()
    await viber_server.opens(subscribed=True)
    await viber_server.tell("message", message={})
    await viber_server.tell("message", chat_id=1)
    found = await told(channel)
    started, shut, open_, message, arrived, seen, failed, gone, again, broken, group = found
    assert isinstance(started, ChatStarted)
    assert (started.payload, started.chat_key) == ("word-of-task-7", MARIA)
    states = [one for one in (shut, open_, gone) if isinstance(one, ChatState)]
    assert [one.writable for one in states] == [False, True, False]
    assert [one.reason.kind for one in states if one.reason] == ["unsubscribed"] * 2
    assert isinstance(message, Message)
    assert message.source_id == str(said["message_token"]) == "4912661846655238147"
    assert (message.sender.value, message.sender.name) == (MARIA, "Мария Иванова")
    fates = [one for one in (arrived, seen, failed) if isinstance(one, Report)]
    assert [one.fate for one in fates] == [Fate.DELIVERED, Fate.SEEN, Fate.FAILED]
    assert {one.source_id for one in fates} == {sent.source_id}
    assert fates[2].reason is not None
    assert "no phone" in fates[2].reason.sentence()
    assert isinstance(again, ChatStarted)
    # Only who has not written yet is greeted.
    assert (started.greeting, again.greeting) == ("Добрый день!", "")
    assert isinstance(broken, Unreadable)
    assert isinstance(group, Ignored)


async def test_r20_every_kind_of_message_comes_as_a_file_or_in_words(
    viber_server: Viber, open_channel: Open
) -> None:
    media = viber_server.keep(b"bytes", "it")
    kinds: list[dict[str, Any]] = [
        {"type": "picture", "media": media, "thumbnail": media},
        {"type": "video", "media": media, "duration": 3, "size": 5},
        {"type": "file", "media": media, "file_name": "счёт.pdf", "file_size": 5},
        {"type": "sticker", "sticker_id": 46105, "media": media},
        {"type": "picture", "media": f"{viber_server.base}/files/gone"},
        {"type": "contact", "contact": {"name": "Олег", "phone_number": "+48500"}},
        {"type": "url", "media": "https://x.example"},
        {"type": "location", "location": {"lat": 52.2, "lon": 21.0}},
        {"type": "hologram"},
    ]
    for kind in kinds:
        await viber_server.says("вот" if kind["type"] == "picture" else "", **kind)
    found = [one for one in await told(open_channel()) if isinstance(one, Message)]
    assert [[(f.name, f.content) for f in one.files] for one in found[:4]] == [
        [("picture.jpg", b"bytes")],
        [("video.mp4", b"bytes")],
        [("счёт.pdf", b"bytes")],
        [("sticker.png", b"bytes")],
    ]
    assert [one.kind for one in found[4].warnings] == ["file_not_fetched"]
    assert [one.text for one in found] == [
        "вот",
        "",
        "",
        "",
        "вот",
        "👤 Олег +48500",
        "🔗 https://x.example",
        "📍 52.2, 21.0\nhttps://www.openstreetmap.org/?mlat=52.2&mlon=21.0",
        "[hologram]",
    ]


def test_r46_only_what_viber_has_signed_is_kept_and_a_newcomer_is_greeted() -> None:
    settings = context(Viber("http://x"), name="Мебель", greeting="Добрый день!").settings
    event = {"event": "conversation_started", "message_token": 7, "subscribed": False}
    body = json.dumps({**event, "user": {"name": "Łukasz"}}, ensure_ascii=False).encode()
    verdict = admit(settings, signed(body, signature(TOKEN, body)))
    assert (verdict.status, verdict.keep, verdict.key) == (200, True, "conversation_started:7")
    assert json.loads(verdict.body) == {
        "type": "text",
        "text": "Добрый день!",
        "sender": {"name": "Мебель"},
    }
    for wrong in ("", signature("another", body), signature(TOKEN, body + b" ")):
        refused = admit(settings, signed(body, wrong))
        assert (refused.status, refused.keep, refused.body) == (401, False, b"")
    for text in (b"no JSON", json.dumps({**event, "subscribed": True}).encode()):
        kept = admit(settings, signed(text, signature(TOKEN, text)))
        assert (kept.status, kept.keep, kept.body) == (200, True, b"")
    tried = b'{"event": "webhook", "message_token": 1}'
    assert not admit(settings, signed(tried, signature(TOKEN, tried))).keep


async def test_viber_is_told_where_to_push_to(viber_server: Viber, open_channel: Open) -> None:
    channel = open_channel()
    assert [one.ok for one in await channel.probe()] == [True, False]
    batch = await anext(channel.receive(None))
    assert batch.profile is not None
    assert batch.profile.address == "Мебель"
    assert batch.profile.invitation == "viber://pa?chatURI=mebel%20bot&context={token}"
    assert (viber_server.webhook["url"], viber_server.webhook["send_name"]) == (URL, True)
    assert "failed" in viber_server.webhook["event_types"]
    assert [one.ok for one in await channel.probe()] == [True]
    # Somebody else took the webhook: an hour later it is ours again.
    viber_server.webhook = {"url": "https://other.example"}
    channel._subscribing.done(0)
    await channel._subscribe()
    assert viber_server.webhook["url"] == URL
    blind = open_channel(hook_url=None)
    assert [one.reason.kind for one in await blind.probe() if one.reason] == ["no_base_url"]
    with pytest.raises(AccountFailure):
        await anext(blind.receive(None))


async def test_r15_the_client_gets_the_text_and_nothing_else(
    viber_server: Viber, open_channel: Open
) -> None:
    channel = open_channel()
    await channel.send(outgoing("Да"), nothing)
    await channel.send(outgoing("я" * 7000, sender_name="Анна " * 10), nothing)
    first, long = viber_server.sent
    assert first.pop("message_token")
    sender = {"name": "Мебель"}
    assert first == {"receiver": MARIA, "type": "text", "text": "Да", "sender": sender}
    assert len(long["sender"]["name"]) == 28


async def test_r20_files_go_as_what_viber_shows_best(
    viber_server: Viber, open_channel: Open
) -> None:
    channel = open_channel()
    files = (
        File("a.jpeg", "image/jpeg", b"jpg"),
        File("large.png", "image/png", bytes(1_000_001)),
        File("b.mp4", "video/mp4", b"mp4"),
        File("я" * 200 + ".pdf", "application/pdf", b"pdf"),
    )
    for file in files:
        await channel.send(outgoing("", files=(file,)), nothing)
    assert [one["type"] for one in viber_server.sent] == ["picture", "file", "video", "file"]
    assert [one.get("size") for one in viber_server.sent] == [None, 1_000_001, 3, 3]
    assert viber_server.sent[3]["file_name"] == "я" * 60 + ".pdf"
    with pytest.raises(AccountFailure):
        await open_channel(publish=None).send(outgoing("", files=files[:1]), nothing)


@pytest.mark.parametrize(
    ("fault", "error", "writable"),
    [
        (2, AccountFailure, True),
        (3, PermanentFailure, True),
        (5, PermanentFailure, False),
        (6, PermanentFailure, False),
        (9, AccountFailure, True),
        (12, TemporaryFailure, True),
        (23, PermanentFailure, True),
        (99, TemporaryFailure, True),
        ("429", TemporaryFailure, True),
        ("500", UnknownOutcome, True),
    ],
)
async def test_r24_refusals_say_why(
    viber_server: Viber,
    open_channel: Open,
    fault: int | str,
    error: type[ChannelError],
    writable: bool,
) -> None:
    viber_server.faults.append(fault)
    channel = open_channel(name="Us")
    with pytest.raises(error) as failure:
        await channel.send(outgoing(), nothing)
    assert getattr(failure.value, "chat_writable", True) is writable
    assert TOKEN not in repr(failure.value)


def test_a_greeting_has_a_name_over_it() -> None:
    for given in ({"greeting": "Hello"}, {"name": "x" * 29}):
        with pytest.raises(ConfigError, match="name"):
            check(
                {"token": "t", **given},
                SPEC.settings,
                where="accounts.viber",
                source="test",
                secret=lambda value, _: Secret(str(value)),
            )


async def test_another_picture_of_a_person_is_noticed(
    open_channel: Open, viber_server: Viber
) -> None:
    channel = open_channel()
    for address, noticed in (("https://a.example/1", []), ("https://a.example/2", [MARIA])):
        viber_server.avatar = address
        await viber_server.says("Hello")
        await told(channel)
        assert list(channel.redrawn()) == noticed
