"""Shapes of the loopback VK, after VK's public API schema 5.199."""

import time
from typing import Any

Json = dict[str, Any]

EVENTS = (
    "message_new",
    "message_reply",
    "message_edit",
    "message_allow",
    "message_deny",
    "message_read",
    "message_typing_state",
    "message_reaction_event",
)


def person(ident: int, first: str, last: str) -> Json:
    name = {"first_name": first, "last_name": last, "screen_name": f"id{ident}"}
    return {"id": ident, **name, "can_access_closed": True, "is_closed": False}


def photo(ident: int, owner: int) -> Json:
    """One that was uploaded for a message."""
    place = {"id": ident, "owner_id": owner, "album_id": -64}
    return {**place, "date": int(time.time()), "has_tags": False, "sizes": []}


def doc(ident: int, owner: int, title: str, size: int) -> Json:
    place = {"id": ident, "owner_id": owner, "title": title, "size": size, "type": 8}
    return {**place, "ext": title.rpartition(".")[2], "date": int(time.time())}


def conversation(last: Json) -> Json:
    peer = {"id": last["peer_id"], "type": "user", "local_id": last["peer_id"]}
    return {
        "peer": peer,
        "last_message_id": last["id"],
        "last_conversation_message_id": last["conversation_message_id"],
        "in_read": last["id"],
        "out_read": last["id"],
        "version": 10000001,
    }
