"""Who may write in a room: https://spec.matrix.org/v1.16/client-server-api/#mroompower_levels"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pfinbox.channels.matrix.reading.content import Json, mapping
from pfinbox.channels.matrix.rooms import Rooms
from pfinbox.record import record

# From this version on whoever has made a room may do everything in it.
_CREATORS_MAY = 12


@record
class Right:
    """Whether we may write in a room since an event of it."""

    room: str
    event_id: str
    may_write: bool
    at: int


@dataclass
class _Known:
    """``event``: what changed it last, until somebody asks; ``came``: that was our coming in."""

    levels: Json | None = None
    created: bool = False
    event: Json | None = None
    came: bool = False


@dataclass
class Rights:
    """Remembers what events say of each room."""

    rooms: Rooms
    user: str
    _known: dict[str, _Known] = field(default_factory=dict)

    def note(self, room: str, event: Json) -> None:
        if "state_key" not in event:
            return
        known, given = self._known.setdefault(room, _Known()), mapping(event.get("content"))
        match event.get("type"):
            case "m.room.power_levels":
                known.levels, known.event = given, event
            case "m.room.create":
                makers = (event.get("sender"), *(given.get("additional_creators") or ()))
                known.created = self.user in makers and _version(given) >= _CREATORS_MAY
            case "m.room.member" if event["state_key"] == self.user:
                if given.get("membership") == "join":
                    known.event, known.came = event, True

    async def news(self) -> list[Right]:
        """Of rooms about which events have said something since this was asked last."""
        found = []
        for room, known in self._known.items():
            event, came = known.event, known.came
            known.event, known.came = None, False
            if event is None:
                continue
            if known.levels is None:
                known.levels = await self.rooms.levels(room)
            may = known.created or self._reaches(known.levels)
            # A room that we may write in as in any other one is no news, nor one without a client.
            if may and (came or not await self.rooms.others(room)):
                continue
            at = event.get("origin_server_ts")
            name = str(event.get("event_id"))
            found.append(Right(room, name, may, at if isinstance(at, int) else 0))
        return found

    def _reaches(self, levels: Json) -> bool:
        ours = mapping(levels.get("users")).get(self.user, levels.get("users_default"))
        events, usual = mapping(levels.get("events")), levels.get("events_default")
        wanted = [events.get(kind, usual) for kind in ("m.room.message", "m.room.encrypted")]
        return all(_level(ours) >= _level(one) for one in wanted)


def _level(given: object) -> int:
    """Older rooms have numbers as text; what is no number is nothing."""
    try:
        return int(given)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0


def _version(created: Json) -> int:
    version = str(created.get("room_version", "1"))
    return int(version) if version.isdecimal() and version.isascii() else 0


def is_public(events: Sequence[Json]) -> bool:
    """Whether everybody may come into the room: what is said there is no talk with a client."""
    rules = [one for one in events if one.get("type") == "m.room.join_rules"]
    return any(mapping(one.get("content")).get("join_rule") == "public" for one in rules)
