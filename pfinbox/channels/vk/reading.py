"""From an event of VK's to ours: https://dev.vk.com/en/api/community-events/json-schema"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from pfinbox.channels.http.told import moment
from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.vk import ids
from pfinbox.channels.vk.content import Json, content
from pfinbox.domain.contract.incoming import (
    ChatStarted,
    ChatState,
    Edit,
    Fate,
    Ignored,
    IncomingEvent,
    Message,
    Reaction,
    Report,
    Sort,
    Unreadable,
)
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

# What reading something else than VK's own shapes may raise; OSError: a date that is none.
_ODD = (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError, OSError)
# Peers from here on are group chats.
_GROUP_CHATS = 2_000_000_000
# https://dev.vk.com/en/reference/objects/message; observed.
_SIGNS = dict(enumerate("❤🔥😂👍💩❓😭😡👎👌😃🤔🙏😘😍🎉", start=1))


@record
class Read:
    """An event without the files that have to be fetched; ``started`` came with it (R30)."""

    event: IncomingEvent
    wanted: tuple[Wanted, ...] = ()
    started: ChatStarted | None = None


def key_of(update: Json) -> str:
    """The receipt's key: VK says that what has one ``event_id`` is one event."""
    ident = update.get("event_id")
    if isinstance(ident, str) and ident:
        return f"event:{ident}"
    return hashlib.sha256(raw_of(update, {})).hexdigest()


def raw_of(update: Json, names: Mapping[int, Party]) -> bytes:
    """What is kept: the event, and how the people in it were called."""
    people = {str(ident): [one.name, one.username] for ident, one in names.items()}
    kept = {"update": update, "people": people} if people else {"update": update}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")


def people_in(update: Json) -> set[int]:
    """The users whose names are worth knowing."""
    message = _message_in(update)
    found = {message.get("from_id"), message.get("peer_id")}
    return {one for one in found if isinstance(one, int) and 0 < one < _GROUP_CHATS}


def read_raw(raw: bytes, key: bytes, now: datetime) -> Read:
    """Read stored bytes."""
    try:
        kept = json.loads(raw)
        people = kept.get("people", {})
        names = {int(i): Party(str(int(i)), str(n), u) for i, (n, u) in people.items()}
        return read(kept["update"], names, key, now)
    except _ODD as error:
        return _unreadable(error, now)


def read(update: Json, names: Mapping[int, Party], key: bytes, now: datetime) -> Read:
    """The event; ``key`` tells our own messages from those that others write as the community."""
    try:
        return _read(update, names, key, now)
    except _ODD as error:
        return _unreadable(error, now)


def _unreadable(error: Exception, now: datetime) -> Read:
    reason = Reason("unreadable", {"detail": type(error).__name__})
    return Read(Unreadable(reason=reason, sent_at=now))


def _read(update: Json, names: Mapping[int, Party], key: bytes, now: datetime) -> Read:
    told = update.get("object")
    given: Json = told if isinstance(told, dict) else {}
    match update.get("type"):
        case "message_new" | "message_reply":
            return _message(_message_in(update), names, key, now)
        case "message_edit":
            return _edit(_message_in(update), key, now)
        case "message_allow":
            return Read(_state(given["user_id"], now, writable=True))
        case "message_deny":
            return Read(_state(given["user_id"], now, writable=False))
        case "message_read":
            name = f"{given['peer_id']}:{given['read_message_id']}"
            return Read(Report(source_id=name, fate=Fate.SEEN, at=now))
        case "message_reaction_event":
            return Read(_reaction(given, names, now))
        case kind:
            return Read(Ignored(reason=Reason("ignored", {"detail": str(kind)[:100]})))


def _message_in(update: Json) -> Json:
    """The message of an event: wrapped in ``message_new``, bare in the others."""
    told = update.get("object")
    given: Json = told if isinstance(told, dict) else {}
    message = given.get("message", given)
    return message if isinstance(message, dict) else {}


def _message(message: Json, names: Mapping[int, Party], key: bytes, now: datetime) -> Read:
    peer, sender = int(message["peer_id"]), int(message["from_id"])
    if isinstance(message.get("action"), dict):
        return Read(Ignored(reason=Reason("ignored", {"detail": "a change of the group chat"})))
    ours = sender < 0
    files, text = content(message)
    replied = message.get("reply_message")
    answered: Json = replied if isinstance(replied, dict) else {}
    client = _party(peer if ours else sender, names)
    event = Message(
        source_id=ids.source_id(message),
        also=_also(message),
        chat_key=str(peer),
        sender=Party("", "") if ours else client,
        to=(client,) if ours else (),
        sent_at=moment(message["date"], now),
        text=text,
        references=_answered(peer, answered),
        answered_text=str(answered["text"]) if answered.get("text") else None,
        sort=Sort.OWN_LOOP if ours and _is_ours(message, key) else Sort.HUMAN,
        sent_elsewhere=ours and not _is_ours(message, key),
    )
    started = None
    if message.get("ref") and not ours:
        # By an address that leads into the chat with a word in it: an invitation (R30).
        started = ChatStarted(
            chat_key=str(peer), sender=client, at=event.sent_at, payload=str(message["ref"])
        )
    return Read(event, tuple(files), started)


def _is_ours(message: Json, key: bytes) -> bool:
    """What a colleague writes in VK's own inbox has an author."""
    return not message.get("admin_author_id") and ids.is_ours(key, message.get("random_id"))


def _also(message: Json) -> tuple[str, ...]:
    number = message.get("conversation_message_id")
    if not number or not message.get("id"):
        return ()
    return (ids.by_number(message["peer_id"], number),)


def _answered(peer: int, answered: Json) -> tuple[str, ...]:
    if not answered:
        return ()
    found = []
    if answered.get("id"):
        found.append(f"{peer}:{answered['id']}")
    if answered.get("conversation_message_id"):
        found.append(ids.by_number(peer, answered["conversation_message_id"]))
    return tuple(found)


def _edit(message: Json, key: bytes, now: datetime) -> Read:
    if int(message["from_id"]) < 0:
        detail = "an edit of the community's own" if not _is_ours(message, key) else "our own edit"
        return Read(Ignored(reason=Reason("ignored", {"detail": detail})))
    files, text = content(message)
    return Read(
        Edit(
            source_id=ids.source_id(message),
            chat_key=str(message["peer_id"]),
            text=text,
            edited_at=moment(message.get("update_time"), now),
        ),
        tuple(files),
    )


def _state(user_id: int, now: datetime, *, writable: bool) -> ChatState:
    reason = None if writable else Reason("blocked_by_client")
    return ChatState(chat_key=str(int(user_id)), writable=writable, reason=reason, at=now)


def _reaction(given: Json, names: Mapping[int, Party], now: datetime) -> Reaction:
    number = given.get("reaction_id")
    sign = _SIGNS.get(number, "👍") if isinstance(number, int) else ""
    return Reaction(
        source_id=ids.by_number(given["peer_id"], given["cmid"]),
        sender=_party(int(given["reacted_id"]), names),
        signs=(sign,) if sign else (),
        at=now,
    )


def _party(user_id: int, names: Mapping[int, Party]) -> Party:
    return names.get(user_id) or Party(str(user_id), f"id{user_id}")
