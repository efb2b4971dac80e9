"""Synchronising: what has happened in our rooms, without gaps, and invitations.

https://spec.matrix.org/v1.16/client-server-api/#syncing
"""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.connection import Broken
from pfinbox.channels.matrix.api import MatrixApi, room_path
from pfinbox.channels.matrix.reading.content import Json, mapping
from pfinbox.channels.matrix.rights import is_public
from pfinbox.channels.matrix.synced import Gap, Position, Seen, Synced
from pfinbox.domain.contract.reason import Reason

_PAGE = 100
_MOST_PAGES = 100
_MOST_INVITED = 1000
_HOUR = 3600.0
_TRIES = 5
# Of the year 9000, in milliseconds: what other homeservers say may be anything.
_LAST = 221_000_000_000_000


class Syncer:
    """``wait`` seconds for news, of at most ``at_once`` events a room before a gap is to be filled.

    ``accept``: servers and people whose invitations are taken; ``hourly``: how many at most.
    """

    def __init__(
        self,
        api: MatrixApi,
        *,
        accept: Collection[str],
        hourly: int,
        wait: float,
        at_once: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._accept = set(accept)
        self._hourly = hourly
        self._wait = wait
        self._filter = json.dumps(_filter(at_once))
        self._clock = clock
        self._joined: list[float] = []
        self._in_vain: Counter[str] = Counter()

    async def syncs(self, cursor: str | None) -> AsyncIterator[Synced]:
        """Endless; asking for the next one means that the last one is stored."""
        position = Position.load(cursor)
        if position is None:
            # What was said before the account's first start is none of ours.
            answer = await self._sync(None, 0)
            position = Position(str(answer["next_batch"]), self._invited(answer, {}))
            yield Synced(position, [], [], [], answer, more=self._more(position.invited))
        # What is there already is told at once, and that there is nothing.
        wait = 0.0
        while True:
            position = replace(position, invited=await self._join(position.invited))
            answer = await self._sync(position.since, wait)
            wait = self._wait
            yield (synced := await self._synced(position, answer))
            position = synced.position

    async def _sync(self, since: str | None, wait: float) -> Json:
        query = {"filter": self._filter, "timeout": str(int(wait * 1000))}
        # That a daemon listens does not mean that somebody is there.
        query["set_presence"] = "offline"
        if since is not None:
            query["since"] = since
        answer = await self._api.call("GET", "/sync", params=query, seconds=wait + 120)
        if not isinstance(answer, dict) or "next_batch" not in answer:
            raise Broken("an answer without a position")
        return answer

    async def _synced(self, position: Position, answer: Json) -> Synced:
        rooms = mapping(answer.get("rooms"))
        events: list[tuple[str, Json]] = []
        about: list[tuple[str, Json]] = []
        seen: list[Seen] = []
        gaps: list[Gap] = []
        for kind in ("join", "leave"):
            for room, told in mapping(rooms.get(kind)).items():
                about += [(room, one) for one in _listed(told, "state")]
                timeline = mapping(told.get("timeline"))
                whole, begin, gap = await self._whole(room, timeline, position.since)
                about += [(room, one) for one in whole[:begin]]
                events += [(room, one) for one in whole[begin:]]
                gaps += [gap] if gap else []
                seen += self._receipts(room, told)
        for room, told in mapping(rooms.get("invite")).items():
            about += [(room, one) for one in _listed(told, "invite_state")]
        invited = self._invited(answer, position.invited)
        after = replace(position, since=str(answer["next_batch"]), invited=invited)
        return Synced(after, events, about, seen, answer, gaps, self._more(invited))

    async def _whole(
        self, room: str, timeline: Json, since: str
    ) -> tuple[list[Json], int, Gap | None]:
        """The events of a room since then, oldest first, and where those begin that are ours: from
        our invitation on. One room that the homeserver does not open stops no other.
        """
        gap: Gap | None = None
        events = _objects(timeline.get("events"))
        before = timeline.get("prev_batch") if timeline.get("limited") else None
        for _page in range(_MOST_PAGES):
            if before is None or self._begin(events) is not None:
                break
            query = {"dir": "b", "from": str(before), "limit": str(_PAGE)}
            if self._entry(events) is None:
                query["to"] = since
            try:
                told = await self._api.call("GET", room_path(room, "messages"), params=query)
            except Refused as refused:
                if not self._api.is_final(refused):
                    raise
                detail = {"chat": room, "detail": str(refused)}
                gap = Gap(room, since, Reason("history_refused", detail), _oldest(events))
                break
            chunk = _objects(mapping(told).get("chunk"))
            events = [*reversed(chunk), *events]
            before = mapping(told).get("end") if chunk else None
        at = self._begin(events)
        if at is None and before is not None:
            at = self._entry(events)
        if at is None and before is not None and gap is None:
            gap = Gap(room, since, Reason("history_too_long", {"chat": room}), _oldest(events))
        return events, at or 0, gap

    def _begin(self, events: Sequence[Json]) -> int | None:
        """Where a room that we came into now begins to be ours: at the invitation, as clients write
        before it is taken; else where we came in.
        """
        entry = self._entry(events)
        if entry is None:
            return None
        for at in range(entry - 1, -1, -1):
            if self._membership(events[at]) == "invite":
                return at
        return None if _before(events[entry]) == "invite" else entry

    def _entry(self, events: Sequence[Json]) -> int | None:
        """Where we came into the room, if that is among the events."""
        for at in range(len(events) - 1, -1, -1):
            one = events[at]
            if self._membership(one) == "join" and _before(one) != "join":
                return at
        return None

    def _membership(self, event: Json) -> str | None:
        """Ours, where an event changes it."""
        ours = event.get("type") == "m.room.member" and event.get("state_key") == self._api.user
        return str(mapping(event.get("content")).get("membership")) if ours else None

    def _receipts(self, room: str, told: Json) -> list[Seen]:
        found = []
        for one in _listed(told, "ephemeral"):
            for event_id, kinds in mapping(one.get("content")).items():
                for user, mark in mapping(mapping(kinds).get("m.read")).items():
                    at = mapping(mark).get("ts")
                    if user != self._api.user and isinstance(at, int) and 0 < at < _LAST:
                        found.append(Seen(room, event_id, user, at))
        return found

    def _invited(self, answer: Json, before: dict[str, str]) -> dict[str, str]:
        """Who asks us in, as far as such invitations are taken at all."""
        found = dict(before)
        for room, told in mapping(mapping(answer.get("rooms")).get("invite")).items():
            events = _listed(told, "invite_state")
            who = [str(one.get("sender")) for one in events if self._membership(one) == "invite"]
            if who and self._hourly and self._is_accepted(who[-1]) and not is_public(events):
                found[room] = who[-1]
        return dict(list(found.items())[-_MOST_INVITED:])

    def _is_accepted(self, user: str) -> bool:
        return not self._accept or bool(self._accept & {user, user.partition(":")[2]})

    def _may_join(self) -> bool:
        self._joined = [at for at in self._joined if self._clock() - at < _HOUR]
        return len(self._joined) < self._hourly

    def _more(self, invited: dict[str, str]) -> bool:
        return self._may_join() and any(not self._in_vain[room] for room in invited)

    async def _join(self, invited: dict[str, str]) -> dict[str, str]:
        """The invitations that are left for another hour."""
        left = dict(invited)
        for room in invited:
            if not self._may_join():
                break
            self._joined.append(self._clock())
            try:
                await self._api.call("POST", room_path(room, "join"), json={})
            except Broken:
                # Often it is the other person's homeserver that cannot be reached.
                self._in_vain[room] += 1
                if self._in_vain[room] < _TRIES:
                    continue
            except Refused as refused:
                if refused.code == "M_LIMIT_EXCEEDED":
                    break
                if refused.status == 401:
                    raise
                # The invitation was withdrawn, or the room is no longer there.
            del left[room]
        return left


def _filter(at_once: int) -> Json:
    """What a sync is to tell."""
    none: Json = {"types": []}
    room = {
        "timeline": {"limit": at_once, "lazy_load_members": True},
        "state": {"lazy_load_members": True},
        "ephemeral": {"types": ["m.receipt"]},
        "account_data": none,
    }
    return {"presence": none, "account_data": none, "room": room}


def _listed(told: Any, name: str) -> list[Json]:
    """The events that stand under a name."""
    return _objects(mapping(mapping(told).get(name)).get("events"))


def _objects(given: Any) -> list[Json]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _oldest(events: Sequence[Json]) -> int:
    """The time of the first of them, in milliseconds."""
    at = events[0].get("origin_server_ts") if events else None
    return at if isinstance(at, int) and 0 < at < _LAST else 0


def _before(event: Json) -> str | None:
    """The membership that an event has changed."""
    unsigned = mapping(event.get("unsigned"))
    told = mapping(unsigned.get("prev_content") or event.get("prev_content")).get("membership")
    return told if isinstance(told, str) else None
