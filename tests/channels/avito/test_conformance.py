"""The Avito channel meets the suite, by requests to the door and over HTTP to a loopback Avito."""

from collections.abc import Sequence
from typing import Any

import pytest

from pfinbox.channels.avito import SPEC
from pfinbox.channels.avito.admit import key_of
from pfinbox.channels.avito.channel import AvitoChannel
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.files import File
from pfinbox.services.inbound import keeping
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.channels.avito.conftest import URL, admitted, no_sleep
from tests.channels.conformance.other_side import MAC_KEY, Got, OtherSide, Trouble
from tests.channels.conformance.running import Account
from tests.channels.conformance.suite import Conformance
from tests.servers.avito import SELLER, Avito
from tests.servers.avito.server import CLIENT_ID, CLIENT_SECRET

_FAULTS: dict[Trouble, int | str] = {
    Trouble.TOO_MANY: 429,
    Trouble.REFUSED: 400,
    Trouble.WRONG_SECRET: 402,
    Trouble.FAULT: 503,
    Trouble.CUT: "cut",
    Trouble.TRUNCATED: "garbage",
}


class Seller(OtherSide):
    """A buyer who writes about an advertisement; Avito pushes."""

    spec = SPEC
    troubles = frozenset(Trouble)
    begins_now = True
    # Buyers send pictures, which have no names.
    file = File("picture.jpg", "image/jpeg", bytes(range(256)) * 40)

    def __init__(self, avito: Avito, store: Store) -> None:
        self._avito = avito
        self._store = store
        self.given = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "user_id": SELLER,
            "api_base": avito.base,
        }
        avito.push = self._push
        avito.wrapped = True

    def open(self, **context: Any) -> Channel:
        given = AccountContext("it", self.settings(), MAC_KEY, hook_url=URL, **context)
        return AvitoChannel(given, sleep=no_sleep)

    async def _push(self, url: str, body: bytes) -> None:
        """As the door does it."""
        asked = admitted(self.settings(), url, body)
        if asked is not None:
            pushed = [Pushed("it", key_of(body), asked)]
            await self._store.run(lambda uow: keeping.keep(uow, SystemActor("door"), pushed))

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        more: dict[str, Any] = {}
        for number, file in enumerate(files):
            address = self._avito.keep(file.content, f"picture{number}")
            sizes = {"140x105": f"{address}-small", "1280x960": address}
            more = {"type": "image", "content": {"image": {"sizes": sizes}}}
        return str((await self._avito.says(text, name, **more))["id"])

    async def repeats(self) -> None:
        (message, *_older) = self._avito.messages["u2i-abc~1"]
        await self._avito.tell(message)

    async def deletes(self, name: str) -> None:
        await self._avito.takes_back(name)

    async def shows(self, picture: bytes) -> None:
        self._avito.avatar = self._avito.keep(picture, f"face{len(self._avito.files)}")

    async def nonsense(self) -> None:
        await self._avito.push_event({"type": "hologram_shown", "value": {"of": ["someone"]}})

    async def read(self) -> int:
        return len(self._avito.read)

    async def got(self) -> list[Got]:
        return [self._got(one["by_api"]) for one in self._avito.sent]

    def _got(self, body: Any) -> Got:
        if "image_id" in body:
            return Got("", (("picture", self._avito.images[body["image_id"]]),))
        return Got(body["message"]["text"])

    def trouble(self, trouble: Trouble) -> None:
        self._avito.faults.append(_FAULTS[trouble])

    async def tells_back(self) -> None:
        """Whoever looks through the chats finds it there."""


class TestAvito(Conformance):
    @pytest.fixture
    async def other_side(self, avito_server: Avito, new_store: Store) -> OtherSide:
        return Seller(avito_server, new_store)

    async def test_r43_an_answer_that_is_told_back_is_our_own(
        self, account: Account, avito_server: Avito
    ) -> None:
        await avito_server.says("Hello")
        assert await account.receive()
        await account.answer()
        await account.send()
        await avito_server.add(SELLER, {"type": "text", "content": {"text": "by the app"}})
        assert await account.receive()
        assert await account.count(t.comment) == 3
        assert await account.states() == ["sent"]
        ((name, title),) = [(await account.name_of_client()).values()]
        assert (name, title) == ("Guldan", "Mazda 3 2008")
