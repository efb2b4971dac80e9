"""The VK channel meets the suite, over HTTP against a loopback VK."""

from collections.abc import Sequence
from typing import Any

import pytest

from pfinbox.channels.vk import SPEC
from pfinbox.channels.vk.channel import VkChannel
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.files import File
from tests.channels.conformance.other_side import MAC_KEY, Got, OtherSide, Trouble
from tests.channels.conformance.suite import Conformance
from tests.servers.vk import GROUP, MARIA, TOKEN, Json, Vk

_FAULTS: dict[Trouble, int | str] = {
    Trouble.TOO_MANY: 6,
    Trouble.REFUSED: 901,
    Trouble.WRONG_SECRET: 5,
    Trouble.FAULT: 1502,
    Trouble.CUT: "cut",
    Trouble.TRUNCATED: "garbage",
}


class Community(OtherSide):
    """A client who writes to the community."""

    spec = SPEC
    troubles = frozenset(Trouble)
    begins_now = True

    def __init__(self, vk: Vk) -> None:
        self._vk = vk
        self._said: dict[str, Json] = {}
        self.given = {"token": TOKEN, "group_id": GROUP, "api_base": vk.base}

    def open(self, **context: Any) -> Channel:
        return VkChannel(AccountContext("it", self.settings(), MAC_KEY, **context), wait=0)

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        docs = [
            {
                "type": "doc",
                "doc": {
                    "id": 1,
                    "owner_id": MARIA,
                    "title": one.name,
                    "ext": one.name.rpartition(".")[2],
                    "url": self._vk.keep(one.content, "f1"),
                },
            }
            for one in files
        ]
        message = self._vk.says(text, name=name, attachments=docs)
        self._said[str(message["id"])] = message
        return str(message["id"])

    async def repeats(self) -> None:
        """VK's own words: an event with the same id is to be ignored."""
        self._vk.events.append(self._vk.events[-1])

    async def edits(self, name: str, text: str) -> None:
        known = self._said.get(name) or {**next(iter(self._said.values())), "id": int(name)}
        self._vk.edits(known, text)

    async def shows(self, picture: bytes) -> None:
        address = self._vk.keep(picture, f"face{len(self._vk.files)}")
        self._vk.looks = {"has_photo": 1, "photo_200": address}

    async def nonsense(self) -> None:
        self._vk.push("hologram_new", {"of": ["someone"]})

    async def loses(self) -> None:
        """The queue is lost, and the conversation is refused."""
        await self.says("lost")
        self._vk.forget()
        self._vk.faults["messages.getHistory"].append(917)

    async def read(self) -> int:
        return len(self._vk.read)

    async def got(self) -> list[Got]:
        found = []
        for message in self._vk.sent:
            files = []
            for one in message.get("attached", ()):
                number = one.rpartition("_")[2]
                files.append(self._vk.uploaded[f"put{number}"])
            found.append(Got(message["text"], tuple(files)))
        return found

    def trouble(self, trouble: Trouble) -> None:
        self._vk.faults["messages.send"].append(_FAULTS[trouble])


class TestVk(Conformance):
    @pytest.fixture
    async def other_side(self, vk_server: Vk) -> OtherSide:
        return Community(vk_server)
