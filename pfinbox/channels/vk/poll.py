"""Bots Long Poll: https://dev.vk.com/en/api/bots-long-poll/getting-started

VK keeps a queue of events. The position in it (``ts``) is stored with what was read before it.
When VK has lost events, what was said meanwhile is read from the conversations themselves.
"""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.connection import Broken
from pfinbox.channels.vk.api import VkApi
from pfinbox.domain.contract.channel import PermanentFailure
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

_WAIT = 25
_PATIENCE = _WAIT + 20.0
_OUTDATED, _KEY_EXPIRED, _LOST = 1, 2, 3
_PAGE = 200
_MOST_PAGES = 50
# The clocks of VK's own servers differ; what is read twice is known by its id.
_OVERLAP = 120

Json = dict[str, Any]


@record
class Position:
    """How far the account was read: VK's ``ts``, and the date (Unix) of the newest message."""

    ts: str
    newest: int

    @classmethod
    def load(cls, cursor: str | None) -> "Position | None":
        try:
            data = json.loads(cursor or "")
            return cls(str(data["ts"]), int(data["newest"]))
        except (ValueError, KeyError, TypeError):
            return None

    def dump(self) -> str:
        return json.dumps({"ts": self.ts, "newest": self.newest})


@record
class Gap:
    """Of the messages since then, VK gives those from ``until`` on (Unix seconds; 0: none)."""

    peer: int
    since: int
    until: int
    reason: Reason


@record
class Polled:
    """Events as VK tells them, and what it no longer gives of conversations."""

    updates: list[Json]
    position: Position
    gaps: tuple[Gap, ...] = ()


class Poller:
    """One connection to the queue; ``wait`` seconds for an empty one."""

    def __init__(self, api: VkApi, group_id: int, now: int, wait: int = _WAIT) -> None:
        self._api = api
        self._group_id = group_id
        self._now = now
        self._wait = wait
        self._server: Json = {}

    async def polls(self, cursor: str | None) -> AsyncIterator[Polled]:
        """Endless; asking for the next one means that the last one is stored."""
        self._server = await self._new_server()
        position = Position.load(cursor)
        if position is None:
            position = Position(str(self._server["ts"]), self._now)
            yield Polled([], position)
        while True:
            answer = await self._ask(position.ts)
            failed = answer.get("failed")
            if failed == _KEY_EXPIRED:
                self._server = await self._new_server()
            elif failed in (_OUTDATED, _LOST):
                if failed == _LOST:
                    self._server = await self._new_server()
                ts = str(answer.get("ts", self._server["ts"]))
                updates, gaps = await self._missed(position.newest - _OVERLAP)
                position = Position(ts, _newest(updates, position.newest))
                yield Polled(updates, position, gaps)
            elif isinstance(answer.get("updates"), list) and "ts" in answer:
                updates = [one for one in answer["updates"] if isinstance(one, dict)]
                position = Position(str(answer["ts"]), _newest(updates, position.newest))
                yield Polled(updates, position)
            else:
                raise Broken("an answer without updates")

    async def _new_server(self) -> Json:
        answer = await self._api.method("groups.getLongPollServer", group_id=self._group_id)
        if not isinstance(answer, dict) or not {"server", "key", "ts"} <= answer.keys():
            raise Broken("no server to ask")
        return answer

    async def _ask(self, ts: str) -> Json:
        server = self._server
        query = {"act": "a_check", "key": str(server["key"]), "ts": ts, "wait": str(self._wait)}
        url = str(server["server"])
        if urlsplit(url).scheme not in ("http", "https"):
            url = f"https://{url}"
        answer = await self._api.ask("GET", url, params=query, seconds=_PATIENCE)
        given = answer.json() if answer.good else None
        if not isinstance(given, dict):
            raise Broken("no object")
        return given

    async def _missed(self, since: int) -> tuple[list[Json], tuple[Gap, ...]]:
        """What was said since then in all conversations, oldest first, as events."""
        found: list[Json] = []
        gaps: list[Gap] = []
        for peer in await self._spoken_in(since):
            try:
                said, whole = await self._history(peer, since)
            except Refused as refused:
                if not isinstance(self._api.refusal(refused), PermanentFailure):
                    raise
                # One conversation that VK does not give keeps no other one from being read.
                detail = {"chat": str(peer), "detail": str(refused)}
                gaps.append(Gap(peer, since, 0, Reason("history_refused", detail)))
                continue
            if not whole:
                until = min(_order(one)[0] for one in said)
                gaps.append(
                    Gap(peer, since, until, Reason("history_too_long", {"chat": str(peer)}))
                )
            found += said
        return sorted(found, key=_order), tuple(gaps)

    async def _spoken_in(self, since: int) -> list[int]:
        peers: list[int] = []
        for page in range(_MOST_PAGES):
            answer = await self._api.method(
                "messages.getConversations",
                count=_PAGE,
                offset=page * _PAGE,
                group_id=self._group_id,
            )
            items = _items(answer)
            for item in items:
                last = item.get("last_message")
                if isinstance(last, dict) and int(last.get("date", 0)) >= since:
                    peers.append(int(last["peer_id"]))
                else:
                    return peers
            if len(items) < _PAGE:
                break
        return peers

    async def _history(self, peer: int, since: int) -> tuple[list[Json], bool]:
        """Also whether that is all since then."""
        found: list[Json] = []
        for page in range(_MOST_PAGES):
            answer = await self._api.method(
                "messages.getHistory",
                peer_id=peer,
                count=_PAGE,
                offset=page * _PAGE,
                group_id=self._group_id,
            )
            items = _items(answer)
            for message in items:
                if int(message.get("date", 0)) < since:
                    return found, True
                ours = message.get("out") == 1
                told = message if ours else {"message": message}
                found.append({"type": "message_reply" if ours else "message_new", "object": told})
            if len(items) < _PAGE:
                return found, True
        return found, False


def _items(answer: Any) -> list[Json]:
    items = answer.get("items") if isinstance(answer, dict) else None
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []


def _order(update: Json) -> tuple[int, int]:
    """Of one second, messages stand in the order of their numbers."""
    told = update["object"]
    message = told.get("message", told)
    return int(message.get("date", 0)), int(message.get("id", 0))


def _newest(updates: list[Json], before: int) -> int:
    dates = [before]
    for one in updates:
        told = one.get("object")
        if isinstance(told, dict):
            message = told.get("message", told)
            date = message.get("date") if isinstance(message, dict) else None
            dates += [date] if isinstance(date, int) else []
    return max(dates)
