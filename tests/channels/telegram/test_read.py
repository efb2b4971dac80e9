"""Reading updates without a network: every kind of content and every odd shape (R1, R2, R11, R19,
R20, R42, R43)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.telegram.fields import canonical, key_of
from pfinbox.channels.telegram.read import Reading, read
from pfinbox.domain.envelope import (
    ChatStarted,
    ChatState,
    Deletion,
    Edit,
    Ignored,
    Message,
    Unreadable,
)
from tests.servers.bot_api_clients import CONNECTION, MARIA, OWNER
from tests.servers.bot_api_shapes import group_chat, member, message, private_chat, user

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DATE = 1_790_000_000


def update(kind: str = "message", sender: Any = MARIA, chat: Any = None, **content: Any) -> Any:
    place = chat or private_chat(MARIA)
    return {"update_id": 1, kind: message(7, place, sender, DATE, **content)}


def reading(value: Any, *, groups: bool = False) -> Reading:
    return read(value, now=NOW, groups=groups)


def said(value: Any, *, groups: bool = False) -> Message:
    event = reading(value, groups=groups).event
    assert isinstance(event, Message), event
    return event


PLACE = {"latitude": 55.75, "longitude": 37.61}
POLL = {"question": "Когда?", "options": [{"text": "завтра"}, {"text": "никогда"}]}
CONTENTS: list[tuple[dict[str, Any], str]] = [
    ({"text": "привет"}, "привет"),
    ({"location": PLACE}, "📍 55.75, 37.61\nhttps://www.openstreetmap.org/?mlat=55.75&mlon=37.61"),
    (
        {"venue": {"location": PLACE, "title": "Кафе", "address": "ул. 1"}, "location": PLACE},
        "📍 Кафе\nул. 1\n55.75, 37.61\nhttps://www.openstreetmap.org/?mlat=55.75&mlon=37.61",
    ),
    ({"contact": {"phone_number": "+7999", "first_name": "Пётр"}}, "👤 Пётр, +7999"),
    ({"poll": POLL}, "📊 Когда?\n- завтра\n- никогда"),
    ({"dice": {"emoji": "🎯", "value": 6}}, "🎯 6"),
    ({"sticker": {"emoji": "😀"}}, "😀"),
    ({"photo": [], "caption": "пусто"}, "пусто"),
]


@pytest.mark.parametrize(("content", "text"), CONTENTS)
def test_r1_every_kind_of_content_becomes_words(content: dict[str, Any], text: str) -> None:
    event = said(update(**content))
    assert event.text == text
    assert event.warnings == ()


FILES: list[tuple[str, dict[str, Any], str, str]] = [
    ("document", {"file_name": "a.pdf", "mime_type": "application/pdf"}, "a.pdf",
     "application/pdf"),
    ("voice", {}, "voice_7.ogg", "audio/ogg"),
    ("audio", {"mime_type": "audio/mp4"}, "audio_7.mp3", "audio/mp4"),
    ("video", {}, "video_7.mp4", "video/mp4"),
    ("video_note", {}, "video_note_7.mp4", "video/mp4"),
    ("animation", {}, "animation_7.mp4", "video/mp4"),
    ("sticker", {"emoji": "😀"}, "sticker_7.webp", "image/webp"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "more", "name", "media_type"), FILES)
def test_r20_every_kind_of_file_is_wanted(
    kind: str, more: dict[str, Any], name: str, media_type: str
) -> None:
    content: dict[str, Any] = {kind: {"file_id": "F", "file_size": 5, **more}}
    found = reading(update(**content))
    (want,) = found.wanted
    assert (want.name, want.media_type, want.file_id, want.size) == (name, media_type, "F", 5)


def test_r20_a_moving_sticker_gives_its_thumbnail() -> None:
    sticker = {"file_id": "F", "is_video": True, "thumbnail": {"file_id": "T"}}
    assert reading(update(sticker=sticker)).wanted[0].file_id == "T"


def test_an_animation_is_not_fetched_twice() -> None:
    file = {"file_id": "F"}
    assert len(reading(update(animation=file, document=file)).wanted) == 1


def test_an_unknown_kind_of_content_is_a_message_that_says_so() -> None:
    event = said(update(hologram={"depth": 3}))
    assert event.text == "❔ hologram"
    assert event.warnings[0].as_json() == {"kind": "unsupported", "args": {"detail": "hologram"}}


ORIGINS = [
    ({"type": "user", "date": 1, "sender_user": user(5, "Пётр", "", "petr")}, " from Пётр (@petr)"),
    ({"type": "hidden_user", "date": 1, "sender_user_name": "Некто"}, " from Некто"),
    ({"type": "chat", "date": 1, "sender_chat": {"id": -1, "title": "Чат"}}, " from Чат"),
    ({"type": "channel", "date": 1, "chat": {"id": -1, "title": "Новости"}}, " from Новости"),
    ({"type": "from_the_future"}, ""),
    ("not even an object", ""),
]


@pytest.mark.parametrize(("origin", "shown"), ORIGINS)
def test_a_forwarded_message_says_from_whom(origin: Any, shown: str) -> None:
    assert said(update(text="т", forward_origin=origin)).text == f"↪ Forwarded{shown}\nт"


def test_r19_a_reply_names_what_it_answers_and_the_words_marked() -> None:
    answered = message(3, private_chat(MARIA), MARIA, DATE, text="long text")
    event = said(update(text="да", reply_to_message=answered, quote={"text": "text"}))
    assert event.references == ("42:3",)
    assert event.quote_text == "text"


def test_a_forum_topic_is_not_a_reply() -> None:
    chat = group_chat(-100, "Форум")
    more: dict[str, Any] = {"message_thread_id": 3, "is_topic_message": True}
    event = said(
        update(chat=chat, text="x", reply_to_message={"message_id": 3}, **more), groups=True
    )
    assert event.references == ()


def test_r11_an_edit_names_the_message_and_its_new_text() -> None:
    event = reading(update("edited_message", text="новое", edit_date=DATE + 60)).event
    assert isinstance(event, Edit)
    assert (event.source_id, event.text, event.chat_key) == ("42:7", "новое", "42")
    assert event.edited_at.timestamp() == DATE + 60


def test_a_live_location_does_not_flood_the_task() -> None:
    place = {**PLACE, "live_period": 900}
    assert isinstance(reading(update("edited_message", location=place)).event, Ignored)


def test_r11_deleted_business_messages_are_named() -> None:
    notice = {
        "business_connection_id": CONNECTION,
        "chat": private_chat(MARIA),
        "message_ids": [1, 2],
    }
    event = reading({"update_id": 1, "deleted_business_messages": notice}).event
    assert isinstance(event, Deletion)
    assert event.source_ids == (f"biz:{CONNECTION}:42:1", f"biz:{CONNECTION}:42:2")
    assert event.chat_key == f"biz:{CONNECTION}:42"


def test_r43_in_a_business_chat_our_own_side_is_told_from_the_client() -> None:
    link = {"business_connection_id": CONNECTION}
    theirs = said(update("business_message", text="?", **link))
    ours = said(update("business_message", sender=OWNER, text="!", **link))
    assert not theirs.sent_elsewhere
    assert ours.sent_elsewhere
    assert ours.chat_key == theirs.chat_key == f"biz:{CONNECTION}:42"
    assert ours.to[0].value == "42"
    by_bot = update("business_message", sender=OWNER, text="!", sender_business_bot={}, **link)
    assert isinstance(reading(by_bot).event, Ignored)


def test_groups_are_ignored_unless_wanted() -> None:
    given = update(chat=group_chat(-100, "Клиенты"), text="x")
    event = reading(given).event
    assert isinstance(event, Ignored)
    assert event.reason.args == {"detail": "group"}
    heard = said(given, groups=True)
    assert (heard.chat_key, heard.title, heard.sender.value) == ("-100", "Клиенты", "42")
    start = update(chat=group_chat(-100, "Клиенты"), text="/start")
    assert isinstance(reading(start, groups=True).event, Message)


def test_channel_posts_and_notices_are_only_recorded() -> None:
    channel = {"id": -100, "type": "channel", "title": "Новости"}
    quiet: list[Any] = [
        {"update_id": 1, "channel_post": {"message_id": 1, "chat": channel, "date": DATE}},
        update(chat=channel, text="x"),
        update(pinned_message={"message_id": 1}),
        {"update_id": 1, "message_reaction": {}},
        {"update_id": 1, "business_connection": {}},
    ]
    assert all(isinstance(reading(one).event, Ignored) for one in quiet)


@pytest.mark.parametrize(
    ("status", "writable", "reason"), [("kicked", False, "blocked_by_client"), ("member", True, "")]
)
def test_blocking_and_unblocking_change_the_chat(status: str, writable: bool, reason: str) -> None:
    change = {
        "chat": private_chat(MARIA),
        "from": MARIA,
        "date": DATE,
        "old_chat_member": member(MARIA, "member"),
        "new_chat_member": member(MARIA, status),
    }
    event = reading({"update_id": 1, "my_chat_member": change}).event
    assert isinstance(event, ChatState)
    assert (event.chat_key, event.writable) == ("42", writable)
    assert (event.reason.kind if event.reason else "") == reason


@pytest.mark.parametrize(
    ("text", "payload"),
    [("/start", ""), ("/start abc_-9", "abc_-9"), ("/start@loopback_bot x", "x"), ("/start ", "")],
)
def test_r42_starting_is_no_message(text: str, payload: str) -> None:
    event = reading(update(text=text)).event
    assert isinstance(event, ChatStarted)
    assert event.payload == payload


@pytest.mark.parametrize("text", ["/start помогите, ничего не работает", "/started", "start", " "])
def test_r42_what_a_person_typed_is_a_message(text: str) -> None:
    assert said(update(text=text)).text == text


def test_r2_a_sender_without_a_name_is_still_known_by_number() -> None:
    party = said(update(sender={"id": 42}, text="x")).sender
    assert (party.value, party.name, party.username) == ("42", "", None)
    anonymous = update(chat=group_chat(-100, "Г"), sender_chat={"id": -100, "title": "Г"}, text="x")
    assert said(anonymous, groups=True).sender.value == "-100"


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
