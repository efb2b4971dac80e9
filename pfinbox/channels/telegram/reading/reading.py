"""What reading updates has in common: what comes out, what is given, what is not for us."""

from datetime import datetime

from pfinbox.channels.telegram.reading.content import SERVICE, Wanted
from pfinbox.channels.telegram.reading.fields import Json, chat_key, obj, source_id, words
from pfinbox.domain.contract.incoming import Ignored, IncomingEvent
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

GROUPS = ("group", "supergroup")


@record
class Reading:
    """What an update says, the files still to be fetched for it, and the album it is part of."""

    event: IncomingEvent
    wanted: tuple[Wanted, ...] = ()
    album: tuple[str, str] | None = None


@record
class Given:
    now: datetime
    groups: bool


class Unfit(Exception):
    """The update lacks what cannot be made up."""


def ignored(detail: str) -> Reading:
    return Reading(Ignored(reason=Reason("ignored", {"detail": detail})))


def names_of(message: Json) -> tuple[str, str]:
    chat, source = chat_key(message), source_id(message)
    if chat is None:
        raise Unfit("no chat")
    if source is None:
        raise Unfit("no message number")
    return chat, source


def not_ours(message: Json, given: Given) -> str:
    """Why a message is only recorded; empty when it is for us."""
    kind = words(obj(message, "chat"), "type")
    if kind == "channel":
        return "channel_post"
    if kind in GROUPS and not given.groups:
        return "group"
    if "sender_business_bot" in message:
        return "own_message"  # what we wrote through the business account comes back
    return next((name for name in sorted(SERVICE) if name in message), "")
