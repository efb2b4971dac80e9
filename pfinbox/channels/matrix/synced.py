"""How far the account was read, and what one request to synchronise told."""

import json
from collections.abc import Sequence
from dataclasses import field

from pfinbox.channels.matrix.reading.content import Json
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record


@record
class Position:
    """How far the account was read. ``invited``: who asks us into which room.

    ``unread``: encrypted events, as room and id, whose keys may still come; only kept here.
    """

    since: str
    invited: dict[str, str] = field(default_factory=dict)
    unread: tuple[tuple[str, str], ...] = ()

    @classmethod
    def load(cls, cursor: str | None) -> "Position | None":
        try:
            data = json.loads(cursor or "")
            unread = tuple((str(room), str(event)) for room, event in data["unread"])
            return cls(str(data["since"]), dict(data["invited"]), unread)
        except (ValueError, KeyError, TypeError):
            return None

    def dump(self) -> str:
        kept = {"since": self.since, "invited": self.invited, "unread": self.unread}
        return json.dumps(kept)


@record
class Seen:
    """A user has read an event, and all that was there at its time, ``until``; 0: not known."""

    room: str
    event_id: str
    user: str
    at: int
    until: int = 0


@record
class Gap:
    """What the homeserver does not tell of a room after a position, and why.

    ``until``: the time of the oldest event that it does tell of, in milliseconds; 0: there is none.
    """

    room: str
    since: str
    reason: Reason
    until: int


@record
class Synced:
    """What one request told. ``about``: events that only say what rooms are like. ``more``: the
    next request tells more, as invitations are taken before it.
    """

    position: Position
    events: list[tuple[str, Json]]
    about: list[tuple[str, Json]]
    seen: list[Seen]
    answer: Json
    gaps: Sequence[Gap] = ()
    more: bool = False
