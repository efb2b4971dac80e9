"""From what Viber pushes to an event: https://developers.viber.com/docs/api/rest-bot-api/#callbacks"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pfinbox.channels.http.told import link, moment, place
from pfinbox.channels.http.wanted import Wanted
from pfinbox.domain.contract.incoming import (
    ChatStarted,
    ChatState,
    Fate,
    Ignored,
    IncomingEvent,
    Message,
    Report,
    Unreadable,
)
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

Json = Mapping[str, Any]
EVENTS = (
    "delivered",
    "seen",
    "failed",
    "subscribed",
    "unsubscribed",
    "conversation_started",
)
_FATES = {"delivered": Fate.DELIVERED, "seen": Fate.SEEN, "failed": Fate.FAILED}


@record
class Read:
    """The events of one request, without the files that have to be fetched for the first one."""

    events: tuple[IncomingEvent, ...]
    wanted: tuple[Wanted, ...] = ()


def parsed(body: bytes) -> Any:
    """What a request says; its text where that is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def key_of(told: object) -> str:
    """The receipt's key: Viber repeats a request for an hour until it is answered with 200."""
    if isinstance(told, dict) and told.get("message_token"):
        return f"{told.get('event')}:{told['message_token']}"
    return hashlib.sha256(raw_of(told)).hexdigest()


def raw_of(told: object) -> bytes:
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return text.encode("utf-8", "surrogatepass")


def read(told: object, now: datetime, greeting: str) -> Read:
    """The events of a request; ``greeting``: what whoever opens the chat was answered."""
    try:
        return _read(told if isinstance(told, dict) else {}, now, greeting)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = Reason("unreadable", {"detail": type(error).__name__})
        return Read((Unreadable(reason=reason, sent_at=now),))


def _read(told: Json, now: datetime, greeting: str) -> Read:
    kind, at = str(told["event"]), moment(told.get("timestamp"), now, per_second=1000)
    match kind:
        case "message":
            return _message(told, at)
        case "delivered" | "seen" | "failed":
            return Read((_report(told, kind, at),))
        case "conversation_started":
            return Read(_started(told, at, greeting))
        case "subscribed":
            state = ChatState(chat_key=str(told["user"]["id"]), writable=True, reason=None, at=at)
            return Read((state,))
        case "unsubscribed":
            return Read((_closed(str(told["user_id"]), at),))
        case _:
            return Read((Ignored(reason=Reason("ignored", {"detail": kind[:100]})),))


def _closed(client: str, at: datetime) -> ChatState:
    return ChatState(chat_key=client, writable=False, reason=Reason("unsubscribed"), at=at)


def _started(told: Json, at: datetime, greeting: str) -> tuple[IncomingEvent, ...]:
    """Who opens the chat may be greeted, and is written to only after a first word."""
    client = _party(told["user"])
    started = ChatStarted(
        chat_key=client.value,
        sender=client,
        at=at,
        payload=str(told.get("context") or ""),
        greeting="" if told.get("subscribed") else greeting,
    )
    return (started,) if told.get("subscribed") else (started, _closed(client.value, at))


def _report(told: Json, kind: str, at: datetime) -> Report:
    detail = f"Viber: {str(told.get('desc') or '')[:200]}"
    return Report(
        source_id=str(told["message_token"]),
        fate=_FATES[kind],
        at=at,
        reason=Reason("rejected", {"detail": detail}) if kind == "failed" else None,
    )


def _message(told: Json, at: datetime) -> Read:
    if told.get("chat_id"):
        return Read((Ignored(reason=Reason("ignored", {"detail": "a message in a group"})),))
    message = told["message"]
    client = _party(told["sender"])
    files, text = _content(message)
    event = Message(
        source_id=str(told["message_token"]),
        chat_key=client.value,
        sender=client,
        sent_at=at,
        text=text,
    )
    return Read((event,), files)


def _content(message: Json) -> tuple[tuple[Wanted, ...], str]:
    """The file and the words of a message; a line stands for what is neither."""
    kind = str(message["type"])
    text, media = str(message.get("text") or ""), message.get("media")
    if kind in _FILES:
        if not isinstance(media, str) or not media:
            return (), "\n".join(filter(None, (text, f"[{kind}]")))
        name, media_type = _FILES[kind]
        return (Wanted(str(message.get("file_name") or name), media_type, media),), text
    line = _LINES[kind](message) if kind in _LINES else "" if kind == "text" else f"[{kind[:50]}]"
    return (), "\n".join(filter(None, (text, line)))


_FILES = {
    "picture": ("picture.jpg", "image/jpeg"),
    "video": ("video.mp4", "video/mp4"),
    "file": ("file", "application/octet-stream"),
    "sticker": ("sticker.png", "image/png"),
}


def _contact(message: Json) -> str:
    person = message.get("contact") or {}
    told = (person.get("name"), person.get("phone_number") or person.get("phone"))
    return " ".join(["👤", *(str(one) for one in told if one)])


def _place(message: Json) -> str:
    given = message.get("location") or {}
    return place(given.get("lat", "?"), given.get("lon", "?"))


def _link(message: Json) -> str:
    address = str(message.get("media") or "")
    return "" if address in str(message.get("text") or "") else link(address)


_LINES: dict[str, Callable[[Json], str]] = {
    "contact": _contact,
    "location": _place,
    "url": _link,
}


def avatar_of(told: Json) -> object:
    """The address of the picture of whoever wrote a message."""
    return told["sender"].get("avatar")


def _party(user: Json) -> Party:
    return Party(str(user["id"]), str(user.get("name") or ""))
