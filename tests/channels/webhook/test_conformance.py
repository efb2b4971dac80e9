"""The webhook channel meets the suite, through the door's admission."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.webhook import SPEC
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.webhook import Request
from pfinbox.services.inbound import keeping
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.store.uow import Store
from tests.channels.conformance.other_side import Got, OtherSide, Trouble
from tests.channels.conformance.suite import Conformance
from tests.channels.webhook import conftest as shared


class Shop(OtherSide):
    """A shop that pushes to the door and takes what is posted back."""

    spec = SPEC
    troubles = frozenset(Trouble)

    def __init__(self, store: Store, side: shared.Target) -> None:
        self._store = store
        self._side = side
        self._number = 0
        self._last: dict[str, Any] = {}
        self.given = {"secret": shared.SECRET, "send_url": side.url}

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        self._number += 1
        ident = f"m{self._number}"
        encoded = [
            {"name": one.name, "type": one.media_type, "base64": _base64(one)} for one in files
        ]
        contact = {"id": "7", "name": name}
        await self._push(id=ident, chat="c1", text=text, contact=contact, files=encoded)
        return ident

    async def repeats(self) -> None:
        await self._push(**self._last)

    async def edits(self, name: str, text: str) -> None:
        await self._push(event="edit", id=name, text=text)

    async def deletes(self, name: str) -> None:
        await self._push(event="delete", id=name)

    async def nonsense(self) -> None:
        """The door answers 400; one of another version, during an upgrade, may have kept it."""
        request = self._request({"event": "hologram", "id": "h1", "of": "someone"})
        assert SPEC.admit is not None
        verdict = SPEC.admit(self.settings(), request)
        assert (verdict.status, verdict.keep) == (400, False)
        await self._keep("h1", request)

    async def reports_failure(self) -> None:
        sent = json.loads(self._side.taken[-1][1])["id"]
        await self._push(event="delivery", id=sent, state="failed", reason="no credit")

    async def got(self) -> list[Got]:
        bodies = [json.loads(body) for _head, body in self._side.accepted]
        return [
            Got(
                one["text"],
                tuple((f["name"], base64.b64decode(f["base64"])) for f in one.get("files", ())),
            )
            for one in bodies
        ]

    def trouble(self, trouble: Trouble) -> None:
        self._side.once = trouble

    async def _push(self, **item: Any) -> None:
        """As the door does it."""
        self._last = item
        request = self._request(item)
        assert SPEC.admit is not None
        verdict = SPEC.admit(self.settings(), request)
        assert verdict.keep, verdict
        await self._keep(verdict.key, request)

    def _request(self, item: dict[str, Any]) -> Request:
        body = json.dumps(item).encode()
        now = datetime.now(UTC)
        return Request(method="POST", rest=shared.SECRET, body=body, received_at=now)

    async def _keep(self, key: str, request: Request) -> None:
        pushed = [Pushed("it", key, request)]
        await self._store.run(lambda uow: keeping.keep(uow, SystemActor("door"), pushed))


def _base64(file: File) -> str:
    return base64.b64encode(file.content).decode()


class TestWebhook(Conformance):
    @pytest.fixture
    async def other_side(self, new_store: Store, target: shared.Target) -> OtherSide:
        return Shop(new_store, target)
