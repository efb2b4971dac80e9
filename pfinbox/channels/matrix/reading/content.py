"""What a message says, as words and as files that are to be fetched.

https://spec.matrix.org/v1.16/client-server-api/#instant-messaging
"""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.matrix.reading.html import plain
from pfinbox.record import record

Json = Mapping[str, Any]

_HTML = "org.matrix.custom.html"
_FILES = {"m.image": "image", "m.file": "file", "m.audio": "audio", "m.video": "video"}
_TYPES = {"m.image": "image/png", "m.audio": "audio/ogg", "m.video": "video/mp4"}
# What clients write into the body for those who do not know replies.
_FALLBACK = re.compile(r"\A> (?:\* )?<@[^>\n]+> ?")


@record
class Encrypted(Wanted):
    """A file of an encrypted room: what opens and proves it."""

    secret: Json = field(default_factory=dict)


@record
class Content:
    """A message without its files; ``answered_text``: the words that it answers, as far as told."""

    text: str
    wanted: tuple[Wanted, ...] = ()
    answered: str | None = None
    answered_text: str | None = None


def content(event: Json) -> Content:
    """What an event of a kind that people write says; never nothing."""
    given = mapping(event.get("content"))
    kind = str(event.get("type", ""))
    if kind == "m.sticker":
        return Content("", (_wanted({**given, "msgtype": "m.image"}, "sticker"),))
    if kind in _POLLS:
        return Content(_poll(given))
    answered = _answered(given)
    text, answered_text = _words(given, stripped=answered is not None)
    files: tuple[Wanted, ...] = ()
    msgtype = str(given.get("msgtype", ""))
    if msgtype in _FILES:
        files = (_wanted(given, _FILES[msgtype]),)
        # A body beside a file's name is a caption.
        text = text if given.get("filename") not in (None, given.get("body")) else ""
    elif msgtype == "m.emote":
        text = f"* {text}"
    elif msgtype == "m.location":
        text = f"📍 {text}\n{_place(given)}".strip()
    elif msgtype == "m.key.verification.request":
        text = f"[{msgtype}]"
    return Content(
        text or ("" if files else f"[{msgtype or kind}]"), files, answered, answered_text
    )


def mapping(value: object) -> Json:
    """The object that stands there, or an empty one."""
    return value if isinstance(value, dict) else {}


def relation(given: Json) -> Json:
    return mapping(given.get("m.relates_to"))


def _answered(given: Json) -> str | None:
    """The message that it answers. In a thread the last one is named only for older clients."""
    about = relation(given)
    if about.get("rel_type") == "m.thread" and about.get("is_falling_back") is True:
        return None
    ident = mapping(about.get("m.in_reply_to")).get("event_id")
    return ident if isinstance(ident, str) else None


def _words(given: Json, *, stripped: bool) -> tuple[str, str | None]:
    """Its words, and those that clients quote above them."""
    body = str(given.get("body") or "")
    quoted = None
    if stripped and _FALLBACK.match(body):
        above, _blank, body = body.partition("\n\n")
        quoted = "\n".join(line.removeprefix("> ") for line in _FALLBACK.sub("", above).split("\n"))
    formatted = given.get("formatted_body")
    if given.get("format") == _HTML and isinstance(formatted, str) and formatted:
        return plain(formatted) or body, quoted
    return body, quoted


def _wanted(given: Json, what: str) -> Wanted:
    info = mapping(given.get("info"))
    name = str(given.get("filename") or given.get("body") or what)
    msgtype = str(given.get("msgtype", ""))
    media_type = str(info.get("mimetype") or _TYPES.get(msgtype) or "application/octet-stream")
    secret = given.get("file")
    if isinstance(secret, dict):
        return Encrypted(name, media_type, str(secret.get("url", "")), secret)
    return Wanted(name, media_type, str(given.get("url") or ""))


def _place(given: Json) -> str:
    told = mapping(given.get("org.matrix.msc3488.location")).get("uri") or given.get("geo_uri")
    found = re.match(r"geo:(-?[\d.]+),(-?[\d.]+)", str(told or ""))
    if not found:
        return ""
    lat, lon = found.groups()
    return f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}"


_POLLS = ("m.poll.start", "org.matrix.msc3381.poll.start")


def _poll(given: Json) -> str:
    """The question and its answers, a line each."""
    poll = mapping(given.get("m.poll") or given.get("org.matrix.msc3381.poll.start"))
    answers = poll.get("answers")
    lines = [f"📊 {_said(mapping(poll.get('question')))}"]
    lines += [f"- {_said(mapping(one))}" for one in (answers if isinstance(answers, list) else ())]
    return "\n".join(lines)


def _said(given: Json) -> str:
    text = given.get("m.text") or given.get("org.matrix.msc1767.text") or given.get("body") or ""
    if isinstance(text, list):
        text = mapping(text[0]).get("body", "") if text else ""
    return str(text)
