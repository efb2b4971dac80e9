"""From what the door has kept of a visitor to a message."""

import base64
import binascii
import hashlib
import json
from datetime import datetime
from typing import Any

from pfinbox.domain.contract.files import Encoding, File, Slice
from pfinbox.domain.contract.incoming import IncomingEvent, Message, Unreadable
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason


def key_of(raw: bytes) -> str:
    """The receipt's key: the visitor's own id of the message, once."""
    try:
        told = json.loads(raw)
        return f"{told['visitor']}:{told['id']}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return hashlib.sha256(raw).hexdigest()


def read(raw: bytes, now: datetime) -> IncomingEvent:
    """The message; Unreadable for what the door of another version kept."""
    try:
        return _message(json.loads(raw), raw, now)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        reason = Reason("unreadable", {"detail": type(error).__name__})
        return Unreadable(reason=reason, sent_at=now)


def _message(told: dict[str, Any], raw: bytes, now: datetime) -> Message:
    visitor = str(told["visitor"])
    name = str(told.get("name") or "") or _nameless(visitor)
    return Message(
        source_id=f"{visitor}:{told['id']}",
        chat_key=visitor,
        sender=Party(visitor, name, str(told.get("email") or "") or None),
        sent_at=now,
        text=str(told.get("text") or ""),
        files=tuple(_file(one, raw) for one in told.get("files", ())),
    )


def _nameless(visitor: str) -> str:
    return f"Visitor {visitor.rpartition(':')[2][:6]}"


def _file(given: dict[str, Any], raw: bytes) -> File:
    written = str(given["base64"]).encode()
    content = base64.b64decode(written, validate=True)
    at = raw.find(written) if content else -1
    place = Slice(at, len(written), Encoding.BASE64) if at >= 0 else None
    return File(str(given["name"]) or "file", str(given["type"]), content, slice=place)
