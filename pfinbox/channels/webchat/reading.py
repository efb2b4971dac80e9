"""From what the door has kept of a visitor to a message, or to who the visitor is."""

import base64
import binascii
import hashlib
import json
from datetime import datetime
from typing import Any

from pfinbox.domain.contract.files import Encoding, File, Slice
from pfinbox.domain.contract.incoming import (
    Deletion,
    Edit,
    IncomingEvent,
    Introduction,
    Message,
    Unreadable,
)
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason

# What the door keeps besides messages: {"kind", "id", "visitor", "name", "email"}; and changes of
# messages, as "edit" or "deletion": {"kind", "id", "visitor", "of", "text"}.
INTRODUCTION = "introduction"


def key_of(raw: bytes) -> str:
    """The receipt's key: the same id with other words is no repeat (R12)."""
    return hashlib.sha256(raw).hexdigest()


def introduction_with(raw: bytes) -> bytes | None:
    """What the message also says of its sender, as a thing of its own; None where it does not."""
    try:
        told = json.loads(raw)
        if told.get("kind") == INTRODUCTION or not told.get("email"):
            return None
        kept = {name: str(told.get(name) or "") for name in ("visitor", "name", "email")}
        who = {"kind": INTRODUCTION, "id": f"{told['id']}-who", **kept}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return json.dumps(who, ensure_ascii=False).encode("utf-8", "replace")


def read(raw: bytes, now: datetime) -> IncomingEvent:
    """The message; Unreadable for what the door of another version kept."""
    try:
        told = json.loads(raw)
        match told.get("kind"):
            case kind if kind == INTRODUCTION:
                return _introduction(told, now)
            case "edit":
                return _edit(told, now)
            case "deletion":
                return _deletion(told, now)
        return _message(told, raw, now)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        binascii.Error,
    ) as error:
        reason = Reason("unreadable", {"detail": type(error).__name__})
        return Unreadable(reason=reason, sent_at=now)


def _message(told: dict[str, Any], raw: bytes, now: datetime) -> Message:
    visitor = str(told["visitor"])
    name = str(told.get("name") or "") or _nameless(visitor)
    return Message(
        source_id=f"{visitor}:{told['id']}",
        chat_key=visitor,
        sender=Party(visitor, name),
        sent_at=now,
        text=str(told.get("text") or ""),
        files=tuple(_file(one, raw) for one in told.get("files", ())),
    )


def _edit(told: dict[str, Any], now: datetime) -> Edit:
    visitor = str(told["visitor"])
    return Edit(
        source_id=f"{visitor}:{told['of']}",
        chat_key=visitor,
        text=str(told["text"]),
        edited_at=now,
    )


def _deletion(told: dict[str, Any], now: datetime) -> Deletion:
    visitor = str(told["visitor"])
    gone = (f"{visitor}:{told['of']}",)
    return Deletion(source_ids=gone, chat_key=visitor, deleted_at=now)


def _introduction(told: dict[str, Any], now: datetime) -> Introduction:
    visitor = str(told["visitor"])
    return Introduction(
        chat_key=visitor,
        name=str(told.get("name") or ""),
        instead_of=_nameless(visitor),
        email=str(told.get("email") or ""),
        at=now,
    )


def _nameless(visitor: str) -> str:
    return f"Visitor {visitor.rpartition(':')[2][:6]}"


def _file(given: dict[str, Any], raw: bytes) -> File:
    written = str(given["base64"]).encode()
    content = base64.b64decode(written, validate=True)
    at = raw.find(written) if content else -1
    place = Slice(at, len(written), Encoding.BASE64) if at >= 0 else None
    return File(str(given["name"]) or "file", str(given["type"]), content, slice=place)
