"""The Viber channel meets the suite, by requests to the door and over HTTP to a loopback Viber."""

from collections.abc import Sequence
from typing import Any

import pytest

from pfinbox.channels.viber import SPEC
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.files import File
from pfinbox.services.inbound import keeping
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.store.uow import Store
from tests.channels.conformance.other_side import MAC_KEY, Got, OtherSide, Trouble
from tests.channels.conformance.suite import Conformance
from tests.channels.viber.conftest import URL, published, signed
from tests.servers.viber import TOKEN, Json, Viber

_FAULTS: dict[Trouble, int | str] = {
    Trouble.TOO_MANY: 12,
    Trouble.REFUSED: 3,
    Trouble.WRONG_SECRET: 2,
    Trouble.FAULT: "500",
    Trouble.CUT: "cut",
    Trouble.TRUNCATED: "garbage",
}


class Bot(OtherSide):
    """A client who writes to the bot; Viber pushes."""

    spec = SPEC
    troubles = frozenset(Trouble)

    def __init__(self, viber: Viber, store: Store) -> None:
        self._viber = viber
        self._store = store
        self._last: Json = {}
        self.given = {"token": TOKEN, "api_base": viber.api_base}
        viber.push = self._push

    def open(self, **context: Any) -> Channel:
        door: dict[str, Any] = {
            "hook_url": URL,
            "publish": lambda file: published(self._viber, file),
        }
        return SPEC.open(AccountContext("it", self.settings(), MAC_KEY, **door, **context))

    async def _push(self, body: bytes, signature: str) -> None:
        """As the door does it."""
        request = signed(body, signature)
        assert SPEC.admit is not None
        verdict = SPEC.admit(self.settings(), request)
        assert verdict.status == 200
        if verdict.keep:
            pushed = [Pushed("it", verdict.key, request)]
            await self._store.run(lambda uow: keeping.keep(uow, SystemActor("door"), pushed))

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        fields: Json = {}
        for one in files:
            address = self._viber.keep(one.content, "it")
            fields = {"type": "file", "media": address, "file_name": one.name}
        self._last = await self._viber.says(text, name, **fields)
        return str(self._last["message_token"])

    async def repeats(self) -> None:
        await self._viber.repeat(self._last)

    async def shows(self, picture: bytes) -> None:
        self._viber.avatar = self._viber.keep(picture, f"face{len(self._viber.files)}")

    async def nonsense(self) -> None:
        await self._viber.tell("hologram_shown", of=["someone"])

    async def got(self) -> list[Got]:
        return [Got(one.get("text", ""), self._files(one)) for one in self._viber.sent]

    def _files(self, message: Json) -> tuple[tuple[str, bytes], ...]:
        name = message.get("media", "").rpartition("/")[2]
        return ((name, self._viber.files[name]),) if name else ()

    def trouble(self, trouble: Trouble) -> None:
        self._viber.faults.append(_FAULTS[trouble])

    async def reports_failure(self) -> None:
        await self._viber.reports("failed", desc="the phone is too old")


class TestViber(Conformance):
    @pytest.fixture
    async def other_side(self, viber_server: Viber, new_store: Store) -> OtherSide:
        return Bot(viber_server, new_store)
