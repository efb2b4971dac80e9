"""One update as received -> what it means to the inbox; pure, never fails.

Kinds of updates: https://core.telegram.org/bots/api#update
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pfinbox.channels.telegram.content import (
    SERVICE,
    Wanted,
    answered_words,
    content_of,
    origin_line,
)
from pfinbox.channels.telegram.fields import (
    Json,
    chat_key,
    dialogue,
    moment,
    number,
    obj,
    objects,
    party,
    source_id,
    words,
)
from pfinbox.domain.envelope import (
    ChatMoved,
    ChatStarted,
    ChatState,
    Deletion,
    Edit,
    Event,
    Ignored,
    Message,
    Party,
    Reaction,
    Unreadable,
)
from pfinbox.domain.reason import Reason

# A start command with what a deep link may carry; anything longer was typed by a person.
_START = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*")
_GROUPS = ("group", "supergroup")


@dataclass(frozen=True, slots=True)
class Reading:
    """What an update says, the files still to be fetched for it, and the album it is part of."""

    event: Event
    wanted: tuple[Wanted, ...] = ()
    album: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    now: datetime
    groups: bool


class _Unfit(Exception):
    """The update lacks what cannot be made up."""


def read(update: Any, *, now: datetime, groups: bool = False) -> Reading:
    """``now`` stands in for dates that are missing or impossible."""
    given = _Given(now, groups)
    try:
        if not isinstance(update, dict):
            raise _Unfit("not an object")
        for kind, reader in _READERS.items():
            if kind in update:
                return reader(kind, obj(update, kind), given)
    except _Unfit as problem:
        return _unreadable(update, str(problem), now)
    except Exception as problem:  # whatever a stranger's data does, the others must go on
        return _unreadable(update, type(problem).__name__, now)
    kinds = ", ".join(sorted(str(name) for name in update if name != "update_id"))
    return Reading(Unreadable(reason=Reason("unsupported", {"detail": kinds}), sent_at=now))


def _unreadable(update: Any, detail: str, now: datetime) -> Reading:
    title, sender, when = "", None, None
    for kind, value in update.items() if isinstance(update, dict) else ():
        if isinstance(value, dict):
            title = words(value, "text") or words(value, "caption") or str(kind)
            sender = party(obj(value, "from")) or party(obj(value, "chat"))
            when = moment(value, "date")
    reason = Reason("unreadable", {"detail": detail})
    return Reading(Unreadable(reason=reason, sent_at=when or now, title=title[:200], sender=sender))


def _ignored(detail: str) -> Reading:
    return Reading(Ignored(reason=Reason("ignored", {"detail": detail})))


def _names(message: Json) -> tuple[str, str]:
    chat, source = chat_key(message), source_id(message)
    if chat is None:
        raise _Unfit("no chat")
    if source is None:
        raise _Unfit("no message number")
    return chat, source


def _not_ours(message: Json, given: _Given) -> str:
    """Why a message is only recorded; empty when it is for us."""
    kind = words(obj(message, "chat"), "type")
    if kind == "channel":
        return "channel_post"
    if kind in _GROUPS and not given.groups:
        return "group"
    if "sender_business_bot" in message:
        return "own_message"  # what we wrote through the business account comes back
    return next((name for name in sorted(SERVICE) if name in message), "")


def _message(kind: str, message: Json, given: _Given) -> Reading:
    key, source = _names(message)
    if (moved := _moved(message, key, given)) is not None:
        return moved
    if why := _not_ours(message, given):
        return _ignored(why)
    chat, user = obj(message, "chat"), obj(message, "from")
    sender = party(obj(message, "sender_chat")) or party(user) or party(chat)
    if sender is None:
        raise _Unfit("no sender")
    when = moment(message, "date") or given.now
    private = words(chat, "type") not in _GROUPS
    if kind == "message" and private and (start := _START.fullmatch(words(message, "text"))):
        payload = start.group(1) or ""
        return Reading(ChatStarted(chat_key=key, sender=sender, at=when, payload=payload))
    # In a business chat the chat is the client; whoever else writes there is our side (R43).
    elsewhere = kind == "business_message" and sender.value != str(number(chat, "id"))
    content = content_of(message)
    text = "\n".join(part for part in (origin_line(message), content.text) if part)
    unknown = ", ".join(content.unknown)
    album = words(message, "media_group_id")
    event = Message(
        source_id=source,
        chat_key=key,
        sender=sender,
        sent_at=when,
        text=text,
        title=None if private else words(chat, "title") or None,
        to=_client(chat) if elsewhere else (),
        references=_answered(message),
        quote_text=words(obj(message, "quote"), "text") or None,
        answered_text=answered_words(message) or None,
        sent_elsewhere=elsewhere,
        warnings=(Reason("unsupported", {"detail": unknown}),) if unknown else (),
    )
    return Reading(event, content.wanted, (key, album) if album else None)


def _moved(message: Json, key: str, given: _Given) -> Reading | None:
    """A group became a supergroup: told once in the old chat and once in the new one."""
    to, source = number(message, "migrate_to_chat_id"), number(message, "migrate_from_chat_id")
    if not given.groups or (to is None and source is None):
        return None
    old, new = (key, str(to)) if to is not None else (str(source), key)
    when = moment(message, "date") or given.now
    return Reading(ChatMoved(chat_key=old, new_key=new, at=when))


def _client(chat: Json) -> tuple[Party, ...]:
    client = party(chat)
    return (client,) if client else ()


def _answered(message: Json) -> tuple[str, ...]:
    key = dialogue(message)
    ident = number(obj(message, "reply_to_message"), "message_id")
    # every message of a forum topic "answers" the one that opened the topic
    if ident is None or (
        message.get("is_topic_message") is True and ident == number(message, "message_thread_id")
    ):
        return ()
    return (f"{key}:{ident}",)


def _edit(kind: str, message: Json, given: _Given) -> Reading:
    key, source = _names(message)
    if why := _not_ours(message, given):
        return _ignored(why)
    if "live_period" in obj(message, "location"):
        return _ignored("live_location")  # one edit every few seconds, for hours
    content = content_of(message)
    text = "\n".join(part for part in (origin_line(message), content.text) if part)
    when = moment(message, "edit_date") or moment(message, "date") or given.now
    unknown = ", ".join(content.unknown)
    event = Edit(
        source_id=source,
        chat_key=key,
        text=text,
        edited_at=when,
        warnings=(Reason("unsupported", {"detail": unknown}),) if unknown else (),
    )
    return Reading(event, content.wanted)


def _deletion(kind: str, notice: Json, given: _Given) -> Reading:
    key = dialogue(notice)
    listed = notice.get("message_ids")
    if key is None or not isinstance(listed, list):
        raise _Unfit("no chat" if key is None else "no message numbers")
    gone = tuple(f"{key}:{ident}" for ident in listed if isinstance(ident, int))
    return Reading(Deletion(source_ids=gone, chat_key=key, deleted_at=given.now))


def _membership(kind: str, change: Json, given: _Given) -> Reading:
    key = chat_key(change)
    if key is None:
        raise _Unfit("no chat")
    where = words(obj(change, "chat"), "type")
    if where == "channel" or (where in _GROUPS and not given.groups):
        return _ignored(where)
    member = obj(change, "new_chat_member")
    status = words(member, "status")
    out = status in ("kicked", "left") or member.get("can_send_messages") is False
    gone = Reason("chat_gone" if where in _GROUPS else "blocked_by_client")
    when = moment(change, "date") or given.now
    return Reading(ChatState(chat_key=key, writable=not out, reason=gone if out else None, at=when))


def _reaction(kind: str, change: Json, given: _Given) -> Reading:
    """Signs at a message; in groups where nobody is told who put them, only recorded."""
    where = words(obj(change, "chat"), "type")
    sender = party(obj(change, "user")) or party(obj(change, "actor_chat"))
    source = source_id(change)
    if source is None or sender is None or (where in _GROUPS and not given.groups):
        return _ignored(kind)
    signs = tuple(_sign(one) for one in objects(change, "new_reaction")[:20])
    when = moment(change, "date") or given.now
    return Reading(Reaction(source_id=source, sender=sender, signs=signs, at=when))


def _sign(reaction: Json) -> str:
    # a custom emoji is a picture that only Telegram's own programs show
    return words(reaction, "emoji") or {"paid": "⭐"}.get(words(reaction, "type"), "❔")


def _connection(kind: str, connection: Json, given: _Given) -> Reading:
    """The business account's owner lets the bot write in its chats, or no longer."""
    ident = words(connection, "id")
    if not ident:
        return _ignored(kind)
    rights = connection.get("rights")  # what is not granted is left out
    may_reply = not isinstance(rights, dict) or rights.get("can_reply") is True
    writable = connection.get("is_enabled") is True and may_reply
    return Reading(
        ChatState(
            chat_key=f"biz:{ident}:",
            writable=writable,
            reason=None if writable else Reason("access_withdrawn"),
            at=moment(connection, "date") or given.now,
            prefix=True,
            owner=words(obj(connection, "user"), "id") or None,
        )
    )


def _only_recorded(kind: str, value: Json, given: _Given) -> Reading:
    return _ignored(kind)


_READERS: dict[str, Callable[[str, Json, _Given], Reading]] = {
    "message": _message,
    "business_message": _message,
    "edited_message": _edit,
    "edited_business_message": _edit,
    "deleted_business_messages": _deletion,
    "my_chat_member": _membership,
    "channel_post": _only_recorded,
    "edited_channel_post": _only_recorded,
    "business_connection": _connection,
    "message_reaction": _reaction,
    "message_reaction_count": _only_recorded,
}
