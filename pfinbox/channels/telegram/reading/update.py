"""One update as received -> what it means to the inbox; pure, never fails.

Kinds of updates: https://core.telegram.org/bots/api#update
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pfinbox.channels.telegram.reading.changes import (
    connection_of,
    deletion_of,
    edit_of,
    membership_of,
    reaction_of,
)
from pfinbox.channels.telegram.reading.content import (
    answered_words,
    content_of,
    origin_line,
)
from pfinbox.channels.telegram.reading.fields import (
    Json,
    dialogue,
    moment,
    number,
    obj,
    party,
    words,
)
from pfinbox.channels.telegram.reading.reading import (
    GROUPS,
    Given,
    Reading,
    Unfit,
    ignored,
    names_of,
    not_ours,
)
from pfinbox.domain.contract.incoming import ChatKeyChanged, ChatStarted, Message, Unreadable
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason

# A start command with what a deep link may carry; anything longer was typed by a person.
_START = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*")


def read(update: Any, *, now: datetime, groups: bool = False) -> Reading:
    """``now`` stands in for dates that are missing or impossible."""
    given = Given(now, groups)
    try:
        if not isinstance(update, dict):
            raise Unfit("not an object")
        for kind, reader in _READERS.items():
            if kind in update:
                return reader(kind, obj(update, kind), given)
    except Unfit as problem:
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


def _message(kind: str, message: Json, given: Given) -> Reading:
    key, source = names_of(message)
    if (moved := _moved(message, key, given)) is not None:
        return moved
    if why := not_ours(message, given):
        return ignored(why)
    chat, user = obj(message, "chat"), obj(message, "from")
    sender = party(obj(message, "sender_chat")) or party(user) or party(chat)
    if sender is None:
        raise Unfit("no sender")
    when = moment(message, "date") or given.now
    private = words(chat, "type") not in GROUPS
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


def _moved(message: Json, key: str, given: Given) -> Reading | None:
    """A group became a supergroup: told once in the old chat and once in the new one."""
    to, source = number(message, "migrate_to_chat_id"), number(message, "migrate_from_chat_id")
    if not given.groups or (to is None and source is None):
        return None
    old, new = (key, str(to)) if to is not None else (str(source), key)
    when = moment(message, "date") or given.now
    return Reading(ChatKeyChanged(chat_key=old, new_key=new, at=when))


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


def _only_recorded(kind: str, value: Json, given: Given) -> Reading:
    return ignored(kind)


_READERS: dict[str, Callable[[str, Json, Given], Reading]] = {
    "message": _message,
    "business_message": _message,
    "edited_message": edit_of,
    "edited_business_message": edit_of,
    "deleted_business_messages": deletion_of,
    "my_chat_member": membership_of,
    "channel_post": _only_recorded,
    "edited_channel_post": _only_recorded,
    "business_connection": connection_of,
    "message_reaction": reaction_of,
    "message_reaction_count": _only_recorded,
}
