"""The MAX channel meets the suite, by requests to the door and over HTTP to a loopback MAX."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.max import SPEC
from pfinbox.channels.max.channel import MaxChannel
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.webhook import Request
from pfinbox.services.inbound import keeping
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.store.uow import Store
from tests.channels.conformance.other_side import MAC_KEY, Got, OtherSide, Trouble
from tests.channels.conformance.suite import Conformance
from tests.channels.max.conftest import SECRET, URL, no_sleep
from tests.servers.max import TOKEN, Json, Max

_FAULTS: dict[Trouble, int | str] = {
    Trouble.TOO_MANY: 429,
    Trouble.REFUSED: 403,
    Trouble.WRONG_SECRET: 401,
    Trouble.FAULT: 500,
    Trouble.CUT: "cut",
    Trouble.TRUNCATED: "garbage",
}


class Bot(OtherSide):
    """A client who writes to the bot; MAX pushes."""

    spec = SPEC
    troubles = frozenset(Trouble)

    def __init__(self, max_server: Max, store: Store) -> None:
        self._max = max_server
        self._store = store
        self._said: dict[str, Json] = {}
        self.given = {"token": TOKEN, "secret": SECRET, "api_base": max_server.base}
        max_server.push = self._push

    def open(self, **context: Any) -> Channel:
        given = AccountContext("it", self.settings(), MAC_KEY, hook_url=URL, **context)
        return MaxChannel(given, sleep=no_sleep)

    async def _push(self, update: Json) -> None:
        """As the door does it."""
        request = Request(
            method="POST",
            rest="",
            headers={"x-max-bot-api-secret": SECRET},
            body=json.dumps(update).encode(),
            received_at=datetime.now(UTC),
        )
        assert SPEC.admit is not None
        verdict = SPEC.admit(self.settings(), request)
        assert verdict.keep, verdict
        pushed = [Pushed("it", verdict.key, request)]
        actor = SystemActor("door")
        await self._store.run(lambda uow: keeping.keep(uow, actor, pushed))

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        attachments = [
            {
                "type": "file",
                "filename": one.name,
                "size": len(one.content),
                "payload": {"url": self._max.keep(one.content, "f1"), "token": "t"},
            }
            for one in files
        ]
        more = {"attachments": attachments} if attachments else {}
        message = await self._max.says(text, name, **more)
        self._said[message["body"]["mid"]] = message
        return str(message["body"]["mid"])

    async def repeats(self) -> None:
        await self._push(self._max.updates[-1])

    async def edits(self, name: str, text: str) -> None:
        known = self._said.get(name)
        if known is None:
            last = next(iter(self._said.values()))
            known = {**last, "body": {**last["body"], "mid": name}}
        await self._max.edits(known, text)

    async def deletes(self, name: str) -> None:
        await self._max.deletes(name)

    async def shows(self, picture: bytes) -> None:
        self._max.avatar = self._max.keep(picture, f"face{len(self._max.files)}")

    async def nonsense(self) -> None:
        await self._max.tell("hologram_shown", of=["someone"])

    async def read(self) -> int:
        return len(self._max.read)

    async def got(self) -> list[Got]:
        return [
            Got(
                one["body"]["text"] or "",
                tuple(self._max.uploaded[file["payload"]["token"]] for file in one["attached"]),
            )
            for one in self._max.sent
        ]

    def trouble(self, trouble: Trouble) -> None:
        self._max.faults.append(_FAULTS[trouble])


class TestMax(Conformance):
    @pytest.fixture
    async def other_side(self, max_server: Max, new_store: Store) -> OtherSide:
        return Bot(max_server, new_store)
