"""From an event of a room to ours: https://spec.matrix.org/v1.16/client-server-api/#events"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pfinbox.channels.http.told import moment
from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.matrix import ids
from pfinbox.channels.matrix.reading.content import Content, Json, content, mapping, relation
from pfinbox.domain.contract.incoming import (
    ChatKeyChanged,
    ChatStarted,
    ChatState,
    Deletion,
    Edit,
    Ignored,
    IncomingEvent,
    Message,
    Reaction,
    Sort,
    Unreadable,
)
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

ENCRYPTED = "m.room.encrypted"
WRITTEN = ("m.room.message", "m.sticker", "m.poll.start", "org.matrix.msc3381.poll.start")
# What a room is like is no word of anybody's.
ABOUT_THE_ROOM = {
    "m.room.create", "m.room.power_levels", "m.room.join_rules", "m.room.history_visibility",
    "m.room.guest_access", "m.room.canonical_alias", "m.room.name", "m.room.topic",
    "m.room.avatar", "m.room.pinned_events", "m.room.server_acl", "m.room.encryption",
    "m.space.parent", "m.space.child",
}  # fmt: skip


@record
class Us:
    """Our user, and the key that tells our own messages from those that others write as us."""

    user: str
    key: bytes

    def sent(self, event: Json) -> bool:
        """Whether this inbox has sent it: nobody else is told how the attempt was named."""
        named = mapping(event.get("unsigned")).get("transaction_id")
        return event.get("sender") == self.user and ids.is_ours(self.key, named)


@record
class Told:
    """An event as it is kept. ``event`` is in clear text where it could be decrypted.

    ``people``: how those in it are called. ``client``: who else is in the room, where that is to
    be known. ``author``: of the message that is edited. ``at``: what a taken-back reaction was at,
    or where the room goes on. ``signs``: the sender's that are there now. ``unread``: why it could
    not be decrypted. ``late``: it could not be decrypted when it came.
    """

    room: str
    event: Json
    people: Mapping[str, str]
    client: str = ""
    author: str = ""
    at: str = ""
    signs: tuple[str, ...] = ()
    unread: Reason | None = None
    late: bool = False

    def raw(self) -> bytes:
        kept = {
            "room": self.room,
            "event": self.event,
            "people": dict(self.people),
            "client": self.client,
            "author": self.author,
            "at": self.at,
            "signs": list(self.signs),
            "unread": self.unread.as_json() if self.unread else None,
            "late": self.late,
        }
        # In the order that it came in: what is no text shows as it is, and is read alike again.
        return json.dumps(kept, ensure_ascii=False).encode("utf-8", "surrogatepass")

    @classmethod
    def of(cls, raw: bytes) -> "Told":
        kept = json.loads(raw)
        return cls(
            str(kept["room"]),
            dict(kept["event"]),
            dict(kept["people"]),
            str(kept["client"]),
            str(kept["author"]),
            str(kept["at"]),
            tuple(kept["signs"]),
            Reason.from_json(kept["unread"]) if kept["unread"] else None,
            bool(kept["late"]),
        )

    def party(self, user: str) -> Party:
        name = self.people.get(user) or user.removeprefix("@").partition(":")[0]
        return Party(user, name)


@record
class Read:
    """An event without the files that have to be fetched."""

    event: IncomingEvent
    wanted: tuple[Wanted, ...] = ()


def read(told: Told, us: Us, now: datetime) -> Read:
    try:
        return _read(told, us, now)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        reason = Reason("unreadable", {"detail": type(error).__name__})
        return Read(Unreadable(reason=reason, sent_at=now))


def _read(told: Told, us: Us, now: datetime) -> Read:
    event = told.event
    match event.get("type"):
        case "m.room.message" if relation(mapping(event["content"])).get("rel_type") == "m.replace":
            return _edit(told, us, now)
        case "m.room.encrypted" if not is_gone(event):
            return Read(_unread(told, us, now))
        case kind if kind in (*WRITTEN, ENCRYPTED):
            return _message(told, us, now)
        case "m.room.redaction":
            return Read(_redaction(told, us, now))
        case "m.reaction":
            return Read(_reaction(told, us, now, reacted_to(event)))
        case "m.room.member" if "state_key" in event:
            return Read(_member(told, us, now))
        case "m.room.tombstone" if told.at:
            at = _time(event, now)
            return Read(ChatKeyChanged(chat_key=told.room, new_key=told.at, at=at))
        case kind:
            return Read(_ignored(str(kind)[:100]))


def _ignored(detail: str) -> Ignored:
    return Ignored(reason=Reason("ignored", {"detail": detail}))


def _message(told: Told, us: Us, now: datetime) -> Read:
    if told.event["sender"] == us.user and not (told.client or us.sent(told.event)):
        return Read(_ignored("our own words to nobody"))
    said = Content("") if is_gone(told.event) else content(told.event)
    if told.late:
        # The sign that stood for it becomes its words.
        name = _id(told.event["event_id"])
        edit = Edit(source_id=name, chat_key=told.room, text=said.text, edited_at=now)
        return Read(edit, said.wanted)
    event = replace(
        _said_by(told, us, now, said.text),
        references=(said.answered,) if said.answered else (),
        answered_text=said.answered_text,
    )
    return Read(event, said.wanted if event.sort is Sort.HUMAN else ())


def _unread(told: Told, us: Us, now: datetime) -> IncomingEvent:
    event = _said_by(told, us, now, "🔒")
    return replace(event, warnings=(told.unread or Reason("encrypted_no_key"),))


def _said_by(told: Told, us: Us, now: datetime, text: str) -> Message:
    event = told.event
    sender = _id(event["sender"])
    ours = sender == us.user
    own = us.sent(event)
    client = told.party(told.client if ours else sender)
    return Message(
        source_id=_id(event["event_id"]),
        chat_key=told.room,
        sender=Party("", "") if ours else client,
        to=(client,) if ours and told.client else (),
        sent_at=_time(event, now),
        text=text,
        sort=Sort.OWN_LOOP if own else Sort.HUMAN,
        sent_elsewhere=ours and not own,
        # What programs write is answered by no program.
        no_auto_reply=mapping(event.get("content")).get("msgtype") == "m.notice",
    )


def _edit(told: Told, us: Us, now: datetime) -> Read:
    event = told.event
    if event["sender"] == us.user:
        return Read(_ignored("our own edit"))
    if told.author != event["sender"]:
        return Read(_ignored("an edit of what another wrote"))
    given = mapping(event["content"])
    said = content({"type": "m.room.message", "content": given["m.new_content"]})
    edit = Edit(
        source_id=_id(relation(given)["event_id"]),
        chat_key=told.room,
        text=said.text,
        edited_at=_time(event, now),
    )
    return Read(edit, said.wanted)


def _id(value: object) -> str:
    """An id of Matrix is a text; ValueError where a server tells anything else."""
    if not isinstance(value, str):
        raise ValueError("no id")
    return value


def is_gone(event: Json) -> bool:
    """It was taken back before it came here: what it said is not told any more."""
    return "redacted_because" in mapping(event.get("unsigned"))


def reacted_to(event: Json) -> str:
    """The message that a reaction is at; empty where that is not told."""
    return str(relation(mapping(event.get("content"))).get("event_id") or "")


def redacted(event: Json) -> str:
    """The event that is taken back; until version 11 of rooms it stood outside of the content."""
    return str(mapping(event.get("content")).get("redacts") or event.get("redacts") or "")


def _redaction(told: Told, us: Us, now: datetime) -> IncomingEvent:
    event = told.event
    if event["sender"] == us.user:
        return _ignored("our own deletion")
    if told.at:
        return _reaction(told, us, now, told.at)
    names = (redacted(event),)
    return Deletion(source_ids=names, chat_key=told.room, deleted_at=_time(event, now))


def _reaction(told: Told, us: Us, now: datetime, at: str) -> IncomingEvent:
    if told.event["sender"] == us.user or not at:
        return _ignored("our own reaction" if at else "a reaction at nothing")
    sender = told.party(str(told.event["sender"]))
    return Reaction(source_id=at, sender=sender, signs=told.signs, at=_time(told.event, now))


def _member(told: Told, us: Us, now: datetime) -> IncomingEvent:
    """We come into a room, or must leave it; the client leaves it, or comes back."""
    event = told.event
    who, membership = str(event["state_key"]), mapping(event["content"])["membership"]
    at = _time(event, now)
    if who == us.user and membership == "join" and told.client:
        return ChatStarted(chat_key=told.room, sender=told.party(told.client), at=at)
    if who == us.user and membership in ("leave", "ban"):
        reason = Reason("access_withdrawn")
        return ChatState(chat_key=told.room, writable=False, reason=reason, at=at)
    if who != us.user and membership in ("leave", "ban") and not told.client:
        return ChatState(chat_key=told.room, writable=False, reason=Reason("chat_gone"), at=at)
    if who != us.user and membership == "join":
        return ChatState(chat_key=told.room, writable=True, reason=None, at=at)
    return _ignored(f"{membership} of {who}"[:100])


def _time(event: Json, now: datetime) -> datetime:
    return moment(event["origin_server_ts"], now, per_second=1000)
