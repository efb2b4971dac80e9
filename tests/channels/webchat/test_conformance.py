"""The website chat meets the suite; what a visitor has is what the chat's window reads."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.webchat import SPEC
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.channel import Channel
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.webhook import Request
from pfinbox.services.chat import reading
from pfinbox.services.chat.reading import Visited
from pfinbox.services.inbound import keeping
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.store.uow import Store
from tests.channels.conformance.other_side import Got, OtherSide
from tests.channels.conformance.suite import Conformance

DOOR, HERE = SystemActor("door"), Visited("it", "visitor:1")


class Visitor(OtherSide):
    """Somebody on a site; nothing can go wrong between the store and its own pages."""

    spec = SPEC
    given: Mapping[str, Any] = {"origins": ["https://shop.example"]}

    def __init__(self, store: Store) -> None:
        self._store = store
        self._number = 0
        self._last: Pushed | None = None

    def open(self, **context: Any) -> Channel:
        return super().open(hook_url="https://support.example/hooks/it", **context)

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        self._number += 1
        attached = [
            {
                "name": one.name,
                "type": one.media_type,
                "base64": base64.b64encode(one.content).decode(),
            }
            for one in files
        ]
        told = {"visitor": HERE.visitor, "id": f"m{self._number}", "text": text, "name": name}
        await self._keep({**told, "files": attached})
        return f"m{self._number}"

    async def edits(self, name: str, text: str) -> None:
        await self._change("edit", name, text=text)

    async def deletes(self, name: str) -> None:
        await self._change("deletion", name)

    async def _change(self, kind: str, name: str, **more: str) -> None:
        self._number += 1
        what = {"kind": kind, "id": f"c{self._number}", "of": name, **more}
        await self._keep({**what, "visitor": HERE.visitor})

    async def nonsense(self) -> None:
        """The door is of another version than the daemon, during an upgrade."""
        self._number += 1
        await self._keep({"kind": "hologram", "of": HERE.visitor, "id": f"m{self._number}"})

    async def _keep(self, told: dict[str, Any]) -> None:
        """As the door does it."""
        body = json.dumps(told).encode()
        request = Request(method="POST", rest="", body=body, received_at=datetime.now(UTC))
        self._last = Pushed("it", f"k{self._number}", request)
        await self.repeats()

    async def repeats(self) -> None:
        last = self._last
        assert last is not None
        await self._store.run(lambda uow: keeping.keep(uow, DOOR, [last]))

    async def got(self) -> list[Got]:
        async with self._store.read() as uow:
            rows = [one for one in (await reading.talk(uow, DOOR, HERE)).messages if not one.mine]
            return [
                Got(
                    row.text,
                    tuple(
                        [
                            (one.name, (await reading.file(uow, DOOR, HERE, one.id))[1])
                            for one in row.files
                        ]
                    ),
                )
                for row in rows
            ]


class TestWebchat(Conformance):
    @pytest.fixture
    async def other_side(self, new_store: Store) -> OtherSide:
        return Visitor(new_store)
