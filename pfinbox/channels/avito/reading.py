"""From a message of Avito's, and the chat that it stands in, to an event.

https://developers.avito.ru/api-catalog/messenger/documentation
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pfinbox.channels.http.told import link, moment, place
from pfinbox.channels.http.wanted import Wanted
from pfinbox.domain.contract.incoming import (
    Deletion,
    Fate,
    Ignored,
    IncomingEvent,
    Message,
    Report,
    Sort,
    Unreadable,
)
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

Json = Mapping[str, Any]


@record
class Voice(Wanted):
    """A voice message, whose address Avito gives for an hour, by ``voice_id``."""

    voice_id: str


@record
class Read:
    """An event under its receipt's key, without the file that has to be fetched."""

    key: str
    event: IncomingEvent
    wanted: tuple[Wanted, ...] = ()


def raw_of(message: object, chat: Json) -> bytes:
    """What is kept of a message: it, and what its chat says of people and advertisement."""
    told = {"message": message, "chat": {key: chat.get(key) for key in ("id", "users", "context")}}
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")


def read_raw(raw: bytes, user_id: int, now: datetime) -> tuple[Read, ...]:
    """Read stored bytes."""
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return (_unreadable("raw", error, now),)
    if not isinstance(told, dict) or "chat" not in told:
        return (Read("raw", ignored("something else than a message")),)
    return read(told.get("message"), told["chat"], user_id, now)


def ignored(what: str) -> Ignored:
    return Ignored(reason=Reason("ignored", {"detail": what}))


def read(message: object, chat: Json, user_id: int, now: datetime) -> tuple[Read, ...]:
    """The events of a message as it is now: said, taken back, or seen by the client."""
    name = str(message.get("id")) if isinstance(message, dict) else "?"
    try:
        return _read(message if isinstance(message, dict) else {}, chat, user_id, now)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        return (_unreadable(f"message:{name}", error, now),)


def _unreadable(key: str, error: Exception, now: datetime) -> Read:
    reason = Reason("unreadable", {"detail": type(error).__name__})
    return Read(key, Unreadable(reason=reason, sent_at=now))


def _read(message: Json, chat: Json, user_id: int, now: datetime) -> tuple[Read, ...]:
    name, kind = str(message["id"]), str(message["type"])
    author, chat_key = int(message["author_id"]), str(chat["id"])
    ours = author == user_id
    at = moment(message.get("created"), now)
    if kind == "deleted":
        if ours:
            return (Read(f"deleted:{name}", ignored("a message of ours that was taken back")),)
        gone = Deletion(source_ids=(name,), chat_key=chat_key, deleted_at=now)
        return (Read(f"deleted:{name}", gone),)
    people = _people(chat)
    clients = [party for ident, party in people.items() if ident != user_id]
    if not ours and kind == "system" and author not in people:
        return (Read(f"message:{name}", ignored("a notice of Avito's own")),)
    client = people.get(author) if not ours else next(iter(clients), None)
    text, wanted = _content(kind, message.get("content") or {})
    quote = message.get("quote") or {}
    quoted = _content(str(quote.get("type")), quote.get("content") or {})[0] if quote else ""
    title, topic = _advertisement(chat)
    said = Message(
        source_id=name,
        chat_key=chat_key,
        sender=Party(str(user_id)) if ours else client or Party(str(author)),
        to=(client,) if ours and client else (),
        sent_at=at,
        text=text,
        title=title,
        topic=topic,
        references=(str(quote["id"]),) if quote.get("id") else (),
        answered_text=quoted or None,
        sent_elsewhere=ours,
        sort=Sort.AUTOMATIC if kind == "system" else Sort.HUMAN,
    )
    found = [Read(f"message:{name}", said, wanted)]
    if ours and isinstance(message.get("read"), int):
        seen = Report(source_id=name, fate=Fate.SEEN, at=moment(message["read"], now))
        found.append(Read(f"read:{name}", seen))
    return tuple(found)


def _people(chat: Json) -> dict[int, Party]:
    users = [one for one in chat.get("users") or () if isinstance(one, dict)]
    return {int(one["id"]): Party(str(one["id"]), str(one.get("name") or "")) for one in users}


def _advertisement(chat: Json) -> tuple[str | None, str | None]:
    """Its title, and a line about it: title, price and address."""
    context = chat.get("context") or {}
    told = context.get("value") or {}
    if context.get("type") != "item" or not told.get("title"):
        return None, None
    return str(told["title"]), _item(told, "url")


def _item(told: Json, address: str) -> str:
    parts = (told.get("title"), told.get("price_string"), told.get(address))
    return ", ".join(str(one) for one in parts if one)


def _content(kind: str, content: Json) -> tuple[str, tuple[Wanted, ...]]:
    """The words of a message and its file; a line stands for what is neither."""
    inner = content.get(kind)
    if kind in ("text", "system"):
        return str(content.get("text") or ""), ()
    if not isinstance(inner, dict):
        return f"[{kind[:50]}]", ()
    if kind == "image":
        return "", (Wanted("picture.jpg", "image/jpeg", _largest(inner.get("sizes") or {})),)
    if kind == "voice":
        voice = str(inner["voice_id"])
        return "", (Voice("voice.mp4", "audio/mp4", voice, voice),)
    line = _LINES.get(kind)
    return (line(inner) if line else f"[{kind[:50]}]"), ()


def _largest(sizes: Json) -> str:
    """Sizes are named as 1280x960."""
    named = {tuple(map(int, name.split("x"))): str(url) for name, url in sizes.items()}
    return named[max(named)] if named else ""


def _link(given: Json) -> str:
    title = (given.get("preview") or {}).get("title")
    address, text = str(given.get("url") or ""), str(given.get("text") or "")
    return text if address and address in text else f"{text}\n{link(title, address)}".strip()


def _place(given: Json) -> str:
    name = given.get("text") or given.get("title")
    return place(given.get("lat", "?"), given.get("lon", "?"), name)


_LINES: dict[str, Callable[[Json], str]] = {
    "link": _link,
    "item": lambda item: link(_item(item, "item_url")),
    "location": _place,
    "call": lambda call: f"📞 {call.get('status') or ''}".strip(),
}
