"""Bot API objects as the official documentation shapes them, required fields included.

https://core.telegram.org/bots/api#available-types; REQUIRED is that page's table, by hand.
"""

from typing import Any

Json = dict[str, Any]

BOT_ID = 7_000_000_001

# Fields that are not marked "Optional" in the documentation.
REQUIRED: dict[str, set[str]] = {
    "Update": {"update_id"},
    "User": {"id", "is_bot", "first_name"},
    "Chat": {"id", "type"},
    "Message": {"message_id", "date", "chat"},
    "MessageEntity": {"type", "offset", "length"},
    "PhotoSize": {"file_id", "file_unique_id", "width", "height"},
    "Document": {"file_id", "file_unique_id"},
    "Voice": {"file_id", "file_unique_id", "duration"},
    "Sticker": {
        "file_id",
        "file_unique_id",
        "type",
        "width",
        "height",
        "is_animated",
        "is_video",
    },
    "File": {"file_id", "file_unique_id"},
    "TextQuote": {"text", "position"},
    "ChatMemberUpdated": {"chat", "from", "date", "old_chat_member", "new_chat_member"},
    "ChatMemberMember": {"status", "user"},
    "ChatMemberBanned": {"status", "user", "until_date"},
    "BusinessConnection": {"id", "user", "user_chat_id", "date", "is_enabled"},
    "BusinessMessagesDeleted": {"business_connection_id", "chat", "message_ids"},
    "MessageReactionUpdated": {"chat", "message_id", "date", "old_reaction", "new_reaction"},
    "WebhookInfo": {"url", "has_custom_certificate", "pending_update_count"},
}


def bot_user(username: str) -> Json:
    return {"id": BOT_ID, "is_bot": True, "first_name": "Support", "username": username}


def get_me(username: str) -> Json:
    """The fields that getMe alone returns are added."""
    return {
        **bot_user(username),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": True,
        "has_main_web_app": False,
    }


def user(ident: int, first: str = "Maria", last: str = "", username: str = "") -> Json:
    shape: Json = {"id": ident, "is_bot": False, "first_name": first}
    if last:
        shape["last_name"] = last
    if username:
        shape["username"] = username
    return {**shape, "language_code": "ru"}


def private_chat(person: Json) -> Json:
    names = ("first_name", "last_name", "username")
    return {
        "id": person["id"],
        "type": "private",
        **{name: person[name] for name in names if name in person},
    }


def group_chat(ident: int, title: str) -> Json:
    return {"id": ident, "type": "supergroup", "title": title}


def message(ident: int, chat: Json, sender: Json, date: int, **content: Any) -> Json:
    return {"message_id": ident, "from": sender, "chat": chat, "date": date, **content}


def photo_sizes(file_id: str, size: int) -> list[Json]:
    """The thumbnail first and the picture last, as Telegram orders them."""
    return [
        {
            "file_id": f"{file_id}-thumb",
            "file_unique_id": f"u-{file_id}-thumb",
            "width": 90,
            "height": 67,
            "file_size": min(size, 900),
        },
        {
            "file_id": file_id,
            "file_unique_id": f"u-{file_id}",
            "width": 1280,
            "height": 960,
            "file_size": size,
        },
    ]


def document(file_id: str, name: str, media_type: str, size: int) -> Json:
    return {
        "file_id": file_id,
        "file_unique_id": f"u-{file_id}",
        "file_name": name,
        "mime_type": media_type,
        "file_size": size,
    }


def entities_of(text: str) -> list[Json]:
    """A command at the start is marked as one."""
    if not text.startswith("/"):
        return []
    return [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]


def member(person: Json, status: str) -> Json:
    shape: Json = {"user": person, "status": status}
    return {**shape, "until_date": 0} if status == "kicked" else shape


def ok(result: Any) -> Json:
    return {"ok": True, "result": result}


def failed(code: int, description: str, parameters: Json | None = None) -> Json:
    shape: Json = {"ok": False, "error_code": code, "description": description}
    return {**shape, "parameters": parameters} if parameters else shape


def missing(kind: str, shape: Json) -> set[str]:
    """Required fields that ``shape`` lacks."""
    return REQUIRED[kind] - shape.keys()
