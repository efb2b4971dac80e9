"""What happens to messages and chats besides new ones: edits, deletions, reactions, access.

https://core.telegram.org/bots/api#update
"""

from pfinbox.channels.telegram.reading.content import content_of, origin_line
from pfinbox.channels.telegram.reading.fields import (
    Json,
    chat_key,
    dialogue,
    moment,
    obj,
    objects,
    party,
    source_id,
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
from pfinbox.domain.contract.incoming import ChatState, Deletion, Edit, Reaction
from pfinbox.domain.contract.reason import Reason


def edit_of(kind: str, message: Json, given: Given) -> Reading:
    key, source = names_of(message)
    if why := not_ours(message, given):
        return ignored(why)
    if "live_period" in obj(message, "location"):
        return ignored("live_location")  # one edit every few seconds, for hours
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


def deletion_of(kind: str, notice: Json, given: Given) -> Reading:
    key = dialogue(notice)
    listed = notice.get("message_ids")
    if key is None or not isinstance(listed, list):
        raise Unfit("no chat" if key is None else "no message numbers")
    gone = tuple(f"{key}:{ident}" for ident in listed if isinstance(ident, int))
    return Reading(Deletion(source_ids=gone, chat_key=key, deleted_at=given.now))


def membership_of(kind: str, change: Json, given: Given) -> Reading:
    key = chat_key(change)
    if key is None:
        raise Unfit("no chat")
    where = words(obj(change, "chat"), "type")
    if where == "channel" or (where in GROUPS and not given.groups):
        return ignored(where)
    member = obj(change, "new_chat_member")
    status = words(member, "status")
    out = status in ("kicked", "left") or member.get("can_send_messages") is False
    gone = Reason("chat_gone" if where in GROUPS else "blocked_by_client")
    when = moment(change, "date") or given.now
    return Reading(ChatState(chat_key=key, writable=not out, reason=gone if out else None, at=when))


def reaction_of(kind: str, change: Json, given: Given) -> Reading:
    """Signs at a message; in groups where nobody is told who put them, only recorded."""
    where = words(obj(change, "chat"), "type")
    sender = party(obj(change, "user")) or party(obj(change, "actor_chat"))
    source = source_id(change)
    if source is None or sender is None or (where in GROUPS and not given.groups):
        return ignored(kind)
    signs = tuple(_sign(one) for one in objects(change, "new_reaction")[:20])
    when = moment(change, "date") or given.now
    return Reading(Reaction(source_id=source, sender=sender, signs=signs, at=when))


def _sign(reaction: Json) -> str:
    # a custom emoji is a picture that only Telegram's own programs show
    return words(reaction, "emoji") or {"paid": "⭐"}.get(words(reaction, "type"), "❔")


def connection_of(kind: str, connection: Json, given: Given) -> Reading:
    """The business account's owner lets the bot write in its chats, or no longer."""
    ident = words(connection, "id")
    if not ident:
        return ignored(kind)
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
