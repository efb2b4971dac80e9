"""From an update of MAX's to an event: https://dev.max.ru/docs-api/objects/Update

MAX's own examples leave out much that its description calls required: everything but ids, kind
and time is optional here.
"""

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
    Deletion,
    Edit,
    Ignored,
    IncomingEvent,
    Message,
    Sort,
    Unreadable,
)
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

Json = Mapping[str, Any]
UPDATES = (
    "message_created",
    "message_edited",
    "message_removed",
    "bot_started",
    "bot_stopped",
)


@record
class Video(Wanted):
    """A video, whose own address shows a player: MAX gives the file's for its ``token``."""

    token: str


@record
class Read:
    """An event without the files that have to be fetched."""

    event: IncomingEvent
    wanted: tuple[Wanted, ...] = ()


def key_of(update: object) -> str:
    """The receipt's key: MAX says that one update may come several times, and names none."""
    return hashlib.sha256(raw_of(update)).hexdigest()


def raw_of(update: object) -> bytes:
    told = json.dumps(update, ensure_ascii=False, sort_keys=True)
    return told.encode("utf-8", "surrogatepass")


def read_raw(raw: bytes, now: datetime) -> Read:
    """Read stored bytes."""
    try:
        return read(json.loads(raw), now)
    except (ValueError, RecursionError) as error:
        return _unreadable(error, now)


def read(update: object, now: datetime) -> Read:
    """The event of an update."""
    try:
        return _read(update if isinstance(update, dict) else {}, now)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        return _unreadable(error, now)


def _unreadable(error: Exception, now: datetime) -> Read:
    reason = Reason("unreadable", {"detail": type(error).__name__})
    return Read(Unreadable(reason=reason, sent_at=now))


def _read(update: Json, now: datetime) -> Read:
    kind = update["update_type"]
    match kind:
        case "message_created":
            return _message(update["message"], now)
        case "message_edited":
            return _edit(update["message"], _time(update.get("timestamp"), now), now)
        case "message_removed":
            chat = update.get("chat_id")
            return Read(
                Deletion(
                    source_ids=(str(update["message_id"]),),
                    chat_key=str(chat) if chat is not None else None,
                    deleted_at=_time(update.get("timestamp"), now),
                )
            )
        case "bot_started":
            return Read(
                ChatStarted(
                    chat_key=str(int(update["chat_id"])),
                    sender=_party(update["user"]),
                    at=_time(update.get("timestamp"), now),
                    payload=str(update.get("payload") or ""),
                )
            )
        case "bot_stopped":
            return Read(
                ChatState(
                    chat_key=str(int(update["chat_id"])),
                    writable=False,
                    reason=Reason("blocked_by_client"),
                    at=_time(update.get("timestamp"), now),
                )
            )
        case _:
            return Read(Ignored(reason=Reason("ignored", {"detail": str(kind)[:100]})))


def _message(message: Json, now: datetime) -> Read:
    place = message["recipient"]
    sender = message.get("sender") or {}
    if place.get("chat_type", "dialog") != "dialog":
        return Read(Ignored(reason=Reason("ignored", {"detail": "a message in a group"})))
    files, text, answered = _content(message)
    event = Message(
        source_id=_mid(message),
        chat_key=str(int(place["chat_id"])),
        sender=_party(sender),
        sent_at=_time(message.get("timestamp"), now),
        text=text,
        references=(str(answered["mid"]),) if answered.get("mid") else (),
        answered_text=str(answered["text"]) if answered.get("text") else None,
        sort=Sort.OWN_LOOP if sender.get("is_bot") else Sort.HUMAN,
    )
    return Read(event, tuple(files))


def _mid(message: Json) -> str:
    """What only passes another message on may have no body: its moment is all that names it."""
    body = message["body"]
    if body is None:
        return f"{message['recipient']['chat_id']}:{int(message['timestamp'])}"
    return str(body["mid"])


def _edit(message: Json, edited_at: datetime, now: datetime) -> Read:
    files, text, _answered = _content(message)
    chat = message["recipient"].get("chat_id")
    return Read(
        Edit(
            source_id=_mid(message),
            chat_key=str(int(chat)) if chat is not None else None,
            text=text,
            edited_at=edited_at,
        ),
        tuple(files),
    )


def _content(message: Json) -> tuple[list[Wanted], str, Json]:
    """All files and words of a message, and the message that it answers."""
    body = message["body"] or {}
    files, lines = _attachments(body)
    quoted: list[str] = []
    given = message.get("link")
    link: Json = given if isinstance(given, dict) else {}
    inner = link.get("message")
    linked: Json = inner if isinstance(inner, dict) else {}
    answers = link.get("type") == "reply"
    if not answers:
        passed_on, described = _attachments(linked)
        files += passed_on
        words = str(linked.get("text") or "").splitlines()
        quoted = [f"> {line}" for line in (*words, *described)]
    text = "\n".join([str(body.get("text") or ""), *quoted, *lines]).strip()
    return files, text, linked if answers else {}


def _attachments(body: Json) -> tuple[list[Wanted], list[str]]:
    """The files, and a line for each thing that is none."""
    files: list[Wanted] = []
    lines: list[str] = []
    given = body.get("attachments")
    for one in given if isinstance(given, list) else ():
        if not isinstance(one, dict):
            continue
        kind = str(one.get("type", ""))
        inner = one.get("payload")
        payload: Json = inner if isinstance(inner, dict) else {}
        url = payload.get("url")
        if kind in _FILES and isinstance(url, str) and url:
            name, media_type = _FILES[kind]
            want = Wanted(str(one.get("filename") or name), media_type, url)
            token = payload.get("token") if kind == "video" else None
            files.append(Video(want.name, media_type, url, str(token)) if token else want)
        elif kind in _LINES:
            lines.append(_LINES[kind](one, payload))
        elif kind not in ("inline_keyboard", "reply_keyboard"):
            lines.append(f"[{kind or '?'}]")
    return files, [line for line in lines if line]


_FILES = {
    "image": ("photo.jpg", "image/jpeg"),
    "video": ("video.mp4", "video/mp4"),
    "audio": ("voice.mp3", "audio/mpeg"),
    "file": ("file", "application/octet-stream"),
    "sticker": ("sticker.webp", "image/webp"),
}


def _contact(one: Json, payload: Json) -> str:
    person = payload.get("max_info") or payload.get("tam_info") or {}
    card = str(payload.get("vcf_info") or "")
    numbers = [line.rpartition(":")[2] for line in card.splitlines() if line.startswith("TEL")]
    return " ".join(["👤", str(person.get("name") or ""), *numbers]).strip()


_LINES: dict[str, Callable[[Json, Json], str]] = {
    "contact": _contact,
    "location": lambda one, _payload: place(one.get("latitude", "?"), one.get("longitude", "?")),
    "share": lambda one, payload: link(one.get("title"), payload.get("url")),
}


def _party(user: Json) -> Party:
    ident = str(int(user["user_id"]))
    parts = (user.get("first_name"), user.get("last_name"))
    name = str(user.get("name") or "") or " ".join(str(one) for one in parts if one)
    username = user.get("username")
    return Party(ident, name, username if isinstance(username, str) else None)


def _time(milliseconds: object, now: datetime) -> datetime:
    return moment(milliseconds, now, per_second=1000)
