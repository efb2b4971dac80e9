"""Sending over HTTP: what Telegram gets, and what every kind of answer means (R15, R19, R20, R24,
R25)."""

from collections.abc import Callable

import pytest

from pfinbox.channels.telegram.channel import TelegramChannel
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.files import File
from tests.channels.telegram.conftest import Open, nothing, outgoing
from tests.servers.bot_api import BotApi, Fault
from tests.servers.bot_api.clients import CONNECTION
from tests.servers.bot_api.shapes import failed

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


async def test_r15_the_client_gets_the_text_and_nothing_else(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    moments: list[int] = []

    async def transmitting() -> None:
        moments.append(len(bot_api.sent))

    sent = await channel.send(outgoing("Добрый день, #128"), transmitting)
    assert sent.source_id == f"42:{bot_api.sent[0]['message_id']}"
    assert bot_api.sent[0]["text"] == "Добрый день, #128"
    assert moments == [0]
    call = bot_api.called("sendMessage")[0]
    assert set(call.fields) == {"chat_id", "text"}


async def test_formatting_travels_as_entities_never_as_parse_mode(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    await channel.send(outgoing("👋 **жирно** и [сайт](https://example.org/a)"), nothing)
    call = bot_api.called("sendMessage")[0]
    assert call.fields["text"] == "👋 жирно и сайт"
    assert "parse_mode" not in call.fields
    assert call.json("entities") == [
        {"type": "bold", "offset": 3, "length": 5},
        {"type": "text_link", "offset": 11, "length": 4, "url": "https://example.org/a"},
    ]


async def test_refused_entities_fall_back_to_the_text_as_typed(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.fail("sendMessage", 400, "Bad Request: can't parse entities: unsupported URL")
    await channel.send(outgoing("**so**"), nothing)
    assert [m["text"] for m in bot_api.sent] == ["**so**"]


async def test_r19_a_quote_is_the_messengers_own_reply(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    await channel.send(outgoing("да", quote_source_id="42:7"), nothing)
    reply = bot_api.called("sendMessage")[0].json("reply_parameters")
    assert reply["message_id"] == 7
    assert reply["allow_sending_without_reply"] is True


async def test_r15_another_chats_message_is_not_quoted(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    await channel.send(outgoing("да", quote_source_id="77:7"), nothing)
    assert "reply_parameters" not in bot_api.called("sendMessage")[0].fields


async def test_r20_files_go_out_with_name_and_caption(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    await channel.send(outgoing("см. _договор_", File("Договор.pdf", "x/y", b"%PDF")), nothing)
    call = bot_api.called("sendDocument")[0]
    assert list(call.files.values()) == [("Договор.pdf", b"%PDF")]
    assert bot_api.sent[0]["caption"] == "см. договор"
    assert call.json("caption_entities")[0]["type"] == "italic"


async def test_r20_pictures_go_out_as_photos(bot_api: BotApi, channel: TelegramChannel) -> None:
    await channel.send(outgoing("", File("a.png", "image/png", PNG)), nothing)
    assert bot_api.sent[0]["photo"]
    assert "caption" not in bot_api.sent[0]


async def test_r20_several_files_go_as_one_album_with_the_caption_first(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    pictures = [File(f"{n}.png", "image/png", PNG) for n in range(3)]
    sent = await channel.send(outgoing("**Три**", *pictures, quote_source_id="42:7"), nothing)
    assert [bool(m.get("photo")) for m in bot_api.sent] == [True] * 3
    assert [m.get("caption") for m in bot_api.sent] == ["Три", None, None]
    ids = [f"42:{m['message_id']}" for m in bot_api.sent]
    assert (sent.source_id, list(sent.also)) == (ids[0], ids[1:])
    call = bot_api.called("sendMediaGroup")[0]
    assert call.json("media")[0]["caption_entities"][0]["type"] == "bold"
    assert call.json("reply_parameters")["message_id"] == 7


async def test_r20_an_album_that_is_not_all_photos_goes_as_documents_with_their_names(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    files = [File("a.png", "image/png", PNG), File("b.pdf", "application/pdf", b"%PDF")]
    await channel.send(outgoing("", *files), nothing)
    assert [m["document"]["file_name"] for m in bot_api.sent] == ["a.png", "b.pdf"]
    bot_api.fail("sendMediaGroup", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    await channel.send(outgoing("", files[0], files[0]), nothing)
    assert "document" in bot_api.sent[-1], "refused as photos"


async def test_a_forums_topic_is_answered_in_the_topic(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.clients.says_in_group("hi", chat=-100)
    sent = await channel.send(outgoing("ok", chat="-100#7", quote_source_id="-100:5"), nothing)
    call = bot_api.called("sendMessage")[0]
    assert (call.fields["chat_id"], call.fields["message_thread_id"]) == ("-100", "7")
    assert call.json("reply_parameters")["message_id"] == 5
    assert sent.source_id.startswith("-100:")
    assert sent.chat_key is None


async def test_r20_a_picture_that_is_no_photo_for_telegram_goes_as_a_file(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.fail("sendPhoto", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    await channel.send(outgoing("", File("a.png", "image/png", PNG)), nothing)
    assert bot_api.sent[0]["document"]["file_name"] == "a.png"


async def test_a_file_name_cannot_break_the_header(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    name = 'a"; name="chat_id"\r\nX: 1/../\\b.txt'
    await channel.send(outgoing("", File(name, "text/plain", b"x")), nothing)
    ((given, _),) = bot_api.called("sendDocument")[0].files.values()
    assert given == "a'; name='chat_id' X: 1_.._" + "_b.txt"
    assert bot_api.sent[0]["chat"]["id"] == 42


async def test_a_business_chat_is_answered_through_its_connection(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    key = f"biz:{CONNECTION}:42"
    sent = await channel.send(outgoing("ok", chat=key, quote_source_id=f"{key}:5"), nothing)
    call = bot_api.called("sendMessage")[0]
    assert (call.fields["business_connection_id"], call.fields["chat_id"]) == (CONNECTION, "42")
    # What was written to the bot itself, it has read.
    await channel.mark_read("42", "42:6")
    await channel.mark_read(key, f"{key}:7")
    (read,) = bot_api.called("readBusinessMessage")
    assert read.fields == {
        "business_connection_id": CONNECTION, "chat_id": "42", "message_id": "7"
    }  # fmt: skip
    assert call.json("reply_parameters")["message_id"] == 5
    assert sent.source_id == f"{key}:{bot_api.sent[0]['message_id']}"


async def test_a_group_that_moved_is_followed_once(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    bot_api.clients.says_in_group("hi", chat=-1009)
    text = "Bad Request: group chat was upgraded to a supergroup chat"
    bot_api.fail("sendMessage", 400, text, migrate_to_chat_id=-1009)
    sent = await channel.send(outgoing("hello", chat="-5"), nothing)
    assert sent.source_id.startswith("-1009:")
    assert sent.chat_key == "-1009"


ANSWERS: list[tuple[int, str, dict[str, int], type[ChannelError], str, bool]] = [
    (429, "Too Many Requests: retry after 7", {"retry_after": 7}, TemporaryFailure,
     "rate_limited", True),
    (403, "Forbidden: bot was blocked by the user", {}, PermanentFailure,
     "blocked_by_client", False),
    (403, "Forbidden: user is deactivated", {}, PermanentFailure, "chat_gone", False),
    (400, "Bad Request: chat not found", {}, PermanentFailure, "chat_gone", False),
    (400, "Bad Request: message is too long", {}, PermanentFailure, "rejected", True),
    (401, "Unauthorized", {}, AccountFailure, "auth_failed", True),
    (404, "Not Found", {}, AccountFailure, "auth_failed", True),
    (500, "Internal Server Error", {}, UnknownOutcome, "outcome_unknown", True),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "more", "kind", "reason", "writable"), ANSWERS)
async def test_r24_r25_an_answer_says_what_became_of_it(
    bot_api: BotApi,
    channel: TelegramChannel,
    code: int,
    text: str,
    more: dict[str, int],
    kind: type[ChannelError],
    reason: str,
    writable: bool,
) -> None:
    bot_api.fail("sendMessage", code, text, **more)
    with pytest.raises(kind) as caught:
        await channel.send(outgoing("hi"), nothing)
    assert caught.value.reason.kind == reason
    assert getattr(caught.value, "chat_writable", True) is writable
    assert getattr(caught.value, "retry_after", None) == more.get("retry_after")
    assert bot_api.sent == []


LOST = [
    Fault(),
    Fault(applied=True),
    Fault(502, "<html>Bad Gateway</html>"),
    Fault(502, "<html>Bad Gateway</html>", applied=True),
    Fault(200, "not json"),
    Fault(500, failed(500, "Internal Server Error: restart")),
]


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("files", [(), (File("a.txt", "text/plain", b"x"),)])
async def test_r24_a_lost_answer_is_unknown_and_never_repeated(
    bot_api: BotApi, channel: TelegramChannel, fault: Fault, files: tuple[File, ...]
) -> None:
    method = "sendDocument" if files else "sendMessage"
    bot_api.fault(method, fault)
    with pytest.raises(UnknownOutcome):
        await channel.send(outgoing("hi", *files), nothing)
    assert len(bot_api.called(method)) == 1
    assert len(bot_api.sent) == int(fault.applied)


async def test_r24_a_refused_connection_is_known_not_to_have_sent(open_channel: Open) -> None:
    channel = open_channel("http://127.0.0.1:9")
    with pytest.raises(TemporaryFailure) as caught:
        await channel.send(outgoing("hi"), nothing)
    assert caught.value.reason.kind == "connection_failed"
    assert caught.value.reason.args["host"] == "127.0.0.1:9"


async def test_r25_what_cannot_be_taken_is_refused_before_handing_over(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    async def transmitting() -> None:
        raise AssertionError("nothing may leave")

    file = File("a", "x/y", b"x")
    cases: list[tuple[str, Callable[[], object]]] = [
        ("text_too_long", lambda: channel.send(outgoing("я" * 4097), transmitting)),
        ("text_too_long", lambda: channel.send(outgoing("👋" * 2049), transmitting)),
        ("text_too_long", lambda: channel.send(outgoing("я" * 1025, file), transmitting)),
        ("rejected", lambda: channel.send(outgoing("", *[file] * 11), transmitting)),
        ("rejected", lambda: channel.send(outgoing(" \n"), transmitting)),
        ("chat_gone", lambda: channel.send(outgoing("x", chat=None), transmitting)),
        ("chat_gone", lambda: channel.send(outgoing("x", chat="maria"), transmitting)),
    ]
    for kind, attempt in cases:
        with pytest.raises(PermanentFailure) as caught:
            await attempt()  # type: ignore[misc]
        assert caught.value.reason.kind == kind
    assert bot_api.calls == []


async def test_text_may_hold_what_no_encoding_takes(
    bot_api: BotApi, channel: TelegramChannel
) -> None:
    await channel.send(outgoing("a\ud800b"), nothing)
    assert bot_api.sent[0]["text"] == "a\ufffdb"


async def test_mint_leaves_the_number_to_telegram(channel: TelegramChannel) -> None:
    assert channel.mint("token", "nonce") is None
