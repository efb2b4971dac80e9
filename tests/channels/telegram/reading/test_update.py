"""Reading updates without a network: every kind of content and of event (R1, R2, R11, R19,
R20, R42, R43)."""

from typing import Any

import pytest

from pfinbox.domain.contract.incoming import (
    ChatKeyChanged,
    ChatStarted,
    ChatState,
    Deletion,
    Edit,
    Ignored,
    Message,
    Reaction,
)
from tests.channels.telegram.updates import DATE, reading, said, update
from tests.servers.bot_api.clients import CONNECTION, MARIA, OWNER
from tests.servers.bot_api.shapes import group_chat, member, message, private_chat, user

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
    (
        {
            "checklist": {
                "title": "Дела",
                "tasks": [
                    {"id": 1, "text": "раз", "completion_date": DATE},
                    {"id": 2, "text": "два"},
                ],
            }
        },
        "☑ Дела\n[x] раз\n[ ] два",
    ),
    (
        {
            "checklist_tasks_done": {
                "marked_as_done_task_ids": [1],
                "marked_as_not_done_task_ids": [3],
                "checklist_message": {"checklist": {"tasks": [{"id": 1, "text": "раз"}]}},
            }
        },
        "☑ checklist\n[x] раз\n[ ] 3",
    ),
    ({"checklist_tasks_added": {"tasks": [{"id": 1, "text": "три"}]}}, "☑ checklist +\n[ ] три"),
    (
        {"story": {"chat": {"id": 5, "first_name": "Пётр", "username": "petr"}, "id": 8}},
        "📖 story Пётр https://t.me/petr/s/8",
    ),
    (
        {
            "gift": {
                "gift": {"id": "g", "star_count": 50, "sticker": {"emoji": "🧸"}},
                "text": "Вам",
            }
        },
        "🎁 gift 🧸 50 XTR\nВам",
    ),
    (
        {"unique_gift": {"gift": {"base_name": "Bear", "number": 7}, "origin": "transfer"}},
        "🎁 gift Bear #7",
    ),
    (
        {
            "giveaway": {
                "chats": [{"id": -1, "title": "Новости"}],
                "winner_count": 3,
                "prize_description": "Кружка",
            }
        },
        "🎉 giveaway Новости (3)\nКружка",
    ),
    (
        {"giveaway_winners": {"winner_count": 1, "winners": [user(5, "Пётр")]}},
        "🎉 giveaway winners: Пётр",
    ),
    (
        {
            "invoice": {
                "title": "Счёт",
                "description": "За март",
                "currency": "EUR",
                "total_amount": 1250,
            }
        },
        "🧾 Счёт 1250 (EUR, smallest units)\nЗа март",
    ),
    (
        {
            "successful_payment": {
                "currency": "XTR",
                "total_amount": 9,
                "telegram_payment_charge_id": "c",
            }
        },
        "💳 paid 9 XTR c",
    ),
    ({"game": {"title": "Шашки", "description": "Ходите"}}, "🎮 Шашки\nХодите"),
    (
        {"users_shared": {"request_id": 1, "users": [{"user_id": 5, "first_name": "Пётр"}]}},
        "👤 Пётр, 5",
    ),
    ({"chat_shared": {"request_id": 1, "chat_id": -1, "title": "Чат"}}, "👥 Чат, -1"),
    ({"web_app_data": {"button_text": "Форма", "data": "{}"}}, "🌐 Форма\n{}"),
    ({"passport_data": {"data": []}}, "🪪 Telegram Passport"),
    (
        {
            "rich_message": {
                "blocks": [
                    {"type": "heading", "text": "Тема"},
                    {"type": "paragraph", "text": [{"type": "bold", "text": "жир"}, "но"]},
                    {"type": "divider"},
                ]
            }
        },
        "Тема\nжирно",
    ),
    (
        {"paid_media": {"star_count": 5, "paid_media": [{"type": "preview"}]}},
        "⭐ paid media, 5 XTR: preview",
    ),
    ({"story": {}}, "📖 story"),
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


def test_r20_paid_media_and_live_photos_bring_all_their_files() -> None:
    sizes = [{"file_id": "P", "width": 9, "height": 9}]
    media = [{"type": "photo", "photo": sizes}, {"type": "video", "video": {"file_id": "V"}}]
    found = reading(update(paid_media={"star_count": 5, "paid_media": media}))
    assert [(one.file_id, one.name) for one in found.wanted] == [
        ("P", "photo_7_0.jpg"),
        ("V", "video_7_1.mp4"),
    ]
    live = reading(update(photo=sizes, live_photo={"file_id": "L"}))
    assert [one.file_id for one in live.wanted] == ["P", "L"]


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
    assert event.answered_text == "long text"


def test_r19_a_reply_to_what_is_not_in_this_chat_says_what_it_answers() -> None:
    origin = {"type": "user", "date": 1, "sender_user": user(5, "Пётр")}
    photo = [{"file_id": "P", "width": 1, "height": 1}]
    elsewhere = said(update(text="да", external_reply={"origin": origin, "photo": photo}))
    assert elsewhere.answered_text == "↩ From Пётр"
    story = {"chat": {"id": 5, "first_name": "Пётр"}, "id": 8}
    assert said(update(text="да", reply_to_story=story)).answered_text == "📖 story Пётр"
    plain = {"message_id": 3, "chat": private_chat(MARIA), "date": 0}  # inaccessible
    assert said(update(text="да", reply_to_message=plain)).answered_text is None
    assert (
        reading(update(text="да", external_reply={"origin": origin, "photo": photo})).wanted == ()
    )


def test_a_forum_topic_is_not_a_reply() -> None:
    chat = group_chat(-100, "Форум")
    more: dict[str, Any] = {"message_thread_id": 3, "is_topic_message": True}
    event = said(
        update(chat=chat, text="x", reply_to_message={"message_id": 3}, **more), groups=True
    )
    assert event.references == ()
    assert (event.chat_key, event.source_id) == ("-100#3", "-100:7"), "a topic is a dialogue"
    again = update(chat=chat, text="y", reply_to_message={"message_id": 6}, **more)
    assert said(again, groups=True).references == ("-100:6",)
    private = said(update(text="x", **more))
    assert private.chat_key == "42", "one client, one task (R4)"


def test_a_group_that_becomes_a_supergroup_moves() -> None:
    old: Any = {"id": -5, "type": "group", "title": "Г"}
    told = [
        update(chat=old, migrate_to_chat_id=-1005),
        update(chat=group_chat(-1005, "Г"), migrate_from_chat_id=-5),
    ]
    for one in told:
        event = reading(one, groups=True).event
        assert isinstance(event, ChatKeyChanged)
        assert (event.chat_key, event.new_key) == ("-5", "-1005")
        assert isinstance(reading(one).event, Ignored)


def test_reactions_name_their_message_and_all_signs() -> None:
    change: dict[str, Any] = {
        "chat": private_chat(MARIA), "message_id": 3, "date": DATE, "user": MARIA,
        "old_reaction": [],
        "new_reaction": [{"type": "emoji", "emoji": "👍"}, {"type": "paid"},
            {"type": "custom_emoji", "custom_emoji_id": "1"}],
    }  # fmt: skip
    event = reading({"update_id": 1, "message_reaction": change}).event
    assert isinstance(event, Reaction)
    assert (event.source_id, event.sender.value, event.signs) == ("42:3", "42", ("👍", "⭐", "❔"))
    del change["user"]
    assert isinstance(reading({"update_id": 1, "message_reaction": change}).event, Ignored)


@pytest.mark.parametrize(
    ("more", "writable"),
    [
        ({"is_enabled": True}, True),
        ({"is_enabled": True, "rights": {"can_reply": True}}, True),
        ({"is_enabled": True, "rights": {"can_read_messages": True}}, False),
        ({"is_enabled": False, "rights": {"can_reply": True}}, False),
    ],
)
def test_r25_a_business_account_gives_and_withdraws_access(
    more: dict[str, Any], writable: bool
) -> None:
    given = {"id": CONNECTION, "user": OWNER, "user_chat_id": 77, "date": DATE, **more}
    event = reading({"update_id": 1, "business_connection": given}).event
    assert isinstance(event, ChatState)
    assert (event.chat_key, event.prefix) == (f"biz:{CONNECTION}:", True)
    assert event.writable is writable


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
