"""From the body of a request to events: our own JSON, or Planfix's ``newMessage``."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.webhook.planfix import from_planfix
from pfinbox.domain.contract.files import Encoding, File, Slice
from pfinbox.domain.contract.incoming import (
    Deletion,
    Edit,
    Fate,
    IncomingEvent,
    Message,
    Report,
    Unreadable,
)
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Request
from pfinbox.record import record

_KINDS = ("message", "edit", "delete", "delivery")
_MOST_ITEMS = 1000
_MOST_FILES = 50
_LONGEST_ID = 500
Item = Mapping[str, Any]

_FATES = (Fate.DELIVERED, Fate.SEEN, Fate.FAILED)


class BadBody(ValueError):
    """The body is none of the known ones; the text says what is wrong, in English, for a log."""


@record
class Read:
    """An event without the files that have to be fetched."""

    event: IncomingEvent
    wanted: tuple[Wanted, ...] = ()


def items(request: Request) -> list[Item]:
    """What the request tells, one item an event, in our own form; raises BadBody.

    The body is one JSON object, a list of them, or a form with Planfix's fields.
    """
    try:
        given: Any = json.loads(request.body) if is_json(request) else _form(fields(request))
    except (ValueError, RecursionError) as error:
        raise BadBody("the body is neither JSON nor a form") from error
    if isinstance(given, dict) and isinstance(given.get("items"), list) and "event" not in given:
        given = given["items"]
    found = given if isinstance(given, list) else [given]
    if not found or len(found) > _MOST_ITEMS or not all(isinstance(one, dict) for one in found):
        raise BadBody("the body must be an object, or a list of at most 1000 objects")
    return [_checked(one, request.received_at) for one in found]


def is_json(request: Request) -> bool:
    """By the body itself: many programs post JSON as if it were a form."""
    return request.body[:50].lstrip()[:1] in (b"{", b"[")


def fields(request: Request) -> list[tuple[str, str]]:
    """A form's fields; ValueError where it is none."""
    return parse_qsl(request.body.decode(), max_num_fields=2000)


def key_of(item: Item) -> str:
    """The receipt's key: the same for a repeat, another one for anything that says otherwise."""
    if item.get("event") == "message" and item.get("id"):
        return f"message:{item['id']}"
    told = json.dumps(item, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()


def raw_of(item: Item) -> bytes:
    """The bytes that are kept of an item and can be read again."""
    return json.dumps(item, ensure_ascii=False).encode("utf-8", "surrogatepass")


def read(raw: bytes, now: datetime) -> Read:
    """The event that stands in the bytes of an item; Unreadable when there is none."""
    try:
        item = json.loads(raw)
        if not isinstance(item, dict):
            raise BadBody("the item is no object")
        return _event(_checked(item, now), raw, now)
    except (ValueError, RecursionError) as error:
        reason = Reason("unreadable", {"detail": type(error).__name__})
        return Read(Unreadable(reason=reason, sent_at=now))


def _event(item: Item, raw: bytes, now: datetime) -> Read:
    at = _time(item.get("at"), now)
    chat = item.get("chat")
    match item["event"]:
        case "edit":
            files, wanted, warnings = _files(item, raw)
            return Read(
                Edit(
                    source_id=item["id"],
                    chat_key=chat,
                    text=item.get("text", ""),
                    edited_at=at,
                    files=files,
                    warnings=warnings,
                ),
                wanted,
            )
        case "delete":
            return Read(Deletion(source_ids=(item["id"],), chat_key=chat, deleted_at=at))
        case "delivery":
            why = Reason("rejected", {"detail": item.get("reason", "")})
            fate = Fate(item["state"])
            reason = why if fate is Fate.FAILED else None
            return Read(Report(source_id=item["id"], fate=fate, at=at, reason=reason))
        case _:
            return _message(item, raw, at)


def _message(item: Item, raw: bytes, at: datetime) -> Read:
    files, wanted, warnings = _files(item, raw)
    contact = item["contact"]
    client = Party(
        contact.get("id") or item["chat"],
        contact.get("name", ""),
        contact.get("email") or contact.get("phone"),
    )
    echo = bool(item.get("echo"))
    reply_to = item.get("reply_to")
    message = Message(
        source_id=item.get("id") or key_of(item),
        chat_key=item["chat"],
        sender=Party(item.get("author", "")) if echo else client,
        to=(client,) if echo else (),
        sent_at=at,
        text=item.get("text", ""),
        title=item.get("title"),
        files=files,
        references=(reply_to,) if reply_to else (),
        sent_elsewhere=echo,
        warnings=warnings,
    )
    return Read(message, wanted)


def _time(given: Any, now: datetime) -> datetime:
    """RFC 3339; never later than now, as the order of comments is that of storing."""
    if not given:
        return now
    at = datetime.fromisoformat(given)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return min(at, now)


def _files(
    item: Item, raw: bytes
) -> tuple[tuple[File, ...], tuple[Wanted, ...], tuple[Reason, ...]]:
    files: list[File] = []
    wanted: list[Wanted] = []
    warnings: list[Reason] = []
    for one in item["files"]:
        name, media_type = one.get("name") or "file", one.get("type") or "application/octet-stream"
        if "url" in one:
            wanted.append(Wanted(name, media_type, one["url"]))
            continue
        written = one["base64"].encode()
        try:
            content = base64.b64decode(written, validate=True)
        except binascii.Error:
            detail = "its base64 is damaged"
            warnings.append(Reason("file_not_fetched", {"name": name, "detail": detail}))
            continue
        # It need not be stored a second time.
        at = raw.find(written) if content else -1
        place = Slice(at, len(written), Encoding.BASE64) if at >= 0 else None
        files.append(File(name, media_type, content, slice=place))
    return tuple(files), tuple(wanted), tuple(warnings)


def _checked(given: Item, now: datetime) -> Item:
    """An item of our own form, every field of its type; raises BadBody."""
    item = from_planfix(given, now) if given.get("cmd") == "newMessage" else dict(given)
    kind = item.setdefault("event", "message")
    if kind not in _KINDS:
        raise BadBody(f"event must be one of {', '.join(_KINDS)}")
    texts = ("id", "chat", "at", "text", "title", "reply_to", "author", "reason", "state")
    for name in texts:
        value = item.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            item[name] = str(value)
        elif value is None:
            item.pop(name, None)
        elif not isinstance(value, str):
            raise BadBody(f"{name} must be text")
    if not all(_is_id(item.get(name, "")) for name in ("id", "chat", "reply_to")):
        raise BadBody("id, chat and reply_to must be short and printable")
    needed = {"message": "chat", "edit": "id", "delete": "id", "delivery": "id"}[kind]
    if not item.get(needed, "").strip():
        raise BadBody(f"{needed} is missing")
    if kind == "delivery" and item.get("state") not in _FATES:
        raise BadBody(f"state must be one of {', '.join(_FATES)}")
    try:
        _time(item.get("at"), now)
    except (ValueError, OverflowError) as error:
        raise BadBody("at must be a time as in RFC 3339") from error
    item["contact"] = _contact(item.get("contact"))
    item["files"] = _file_items(item.get("files"))
    if kind == "message" and not (item.get("text", "").strip() or item["files"]):
        raise BadBody("a message needs text or files")
    return item


def _is_id(text: str) -> bool:
    """Whether both databases can keep it as a key: no NUL, no half of a character."""
    return len(text) <= _LONGEST_ID and (not text or text.isprintable())


def _contact(given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise BadBody("contact must be an object")
    contact = {
        name: str(value)
        for name, value in given.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }
    if not _is_id(contact.get("id", "")):
        raise BadBody("the contact's id must be short and printable")
    return contact


def _file_items(given: Any) -> list[dict[str, str]]:
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > _MOST_FILES:
        raise BadBody(f"files must be a list of at most {_MOST_FILES}")
    for one in given:
        named = isinstance(one, dict) and all(isinstance(value, str) for value in one.values())
        if not named or ("url" in one) == ("base64" in one):
            raise BadBody("a file has a name, a type, and either url or base64")
    return given


def _form(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """A form's fields; ``attachments[name]`` and ``attachments[url]`` repeat."""
    form: dict[str, Any] = {}
    for name, value in pairs:
        if name.startswith("attachments["):
            form.setdefault(name, []).append(value)
        else:
            form[name] = value
    return form
