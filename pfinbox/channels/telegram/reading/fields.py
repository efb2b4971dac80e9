"""Reading fields of an update that may have any shape.

Telegram adds fields and kinds at any time and pydantic models refuse a whole batch for one of
them (aiogram #1840), so updates are read by hand: what is missing or odd is None or empty.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pfinbox.domain.contract.party import Party

Json = Mapping[str, Any]

_EARLIEST = 1_000_000_000  # Telegram is younger; 0 means "inaccessible message"
_LATEST = 253_402_300_799  # the last second that datetime knows


def canonical(value: object) -> bytes:
    """The same bytes for the same JSON; pure ASCII, so that lone surrogates pass."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def key_of(update: object) -> str:
    """An update's identity: its content. ``update_id`` restarts at random after a quiet week."""
    if isinstance(update, dict):
        update = {name: value for name, value in update.items() if name != "update_id"}
    return hashlib.sha256(canonical(update)).hexdigest()


def obj(holder: Json, name: str) -> Json:
    """The object under ``name``; empty when it is missing or no object."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def objects(holder: Json, name: str) -> list[Json]:
    """The objects in the list under ``name``."""
    value = holder.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def words(holder: Json, name: str) -> str:
    """The text under ``name``; a number counts as text."""
    value = holder.get(name)
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def number(holder: Json, name: str) -> int | None:
    """The whole number under ``name``."""
    value = holder.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(holder: Json, name: str) -> datetime | None:
    """The unix time under ``name``, when it can be one."""
    value = number(holder, name)
    if value is None or not _EARLIEST <= value <= _LATEST:
        return None
    return datetime.fromtimestamp(value, UTC)


def full_name(holder: Json) -> str:
    """A user's first and last name, or a chat's title."""
    parts = (words(holder, "first_name"), words(holder, "last_name"))
    return " ".join(part for part in parts if part) or words(holder, "title")


def party(holder: Json) -> Party | None:
    """A user or chat as the inbox knows it; None without an id."""
    ident = number(holder, "id")
    if ident is None:
        return None
    return Party(str(ident), full_name(holder), words(holder, "username") or None)


def dialogue(message: Json) -> str | None:
    """Names the dialogue; one lent by a business account is another than the bot's own."""
    ident = number(obj(message, "chat"), "id")
    if ident is None:
        return None
    connection = words(message, "business_connection_id")
    return f"biz:{connection}:{ident}" if connection else str(ident)


def chat_key(message: Json) -> str | None:
    """The dialogue; in a forum, whose topics are conversations of their own, with the topic.

    A private chat stays one whatever its topics: nobody can open a second task for it (R4).
    """
    key, topic = dialogue(message), number(message, "message_thread_id")
    group = words(obj(message, "chat"), "type") == "supergroup"
    if key is None or topic is None or not group or message.get("is_topic_message") is not True:
        return key
    return f"{key}#{topic}"


def source_id(message: Json) -> str | None:
    """``chat:message``; message numbers are unique within a dialogue, all its topics included."""
    chat, ident = dialogue(message), number(message, "message_id")
    return None if chat is None or ident is None else f"{chat}:{ident}"
