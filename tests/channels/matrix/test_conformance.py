"""The Matrix channel meets the suite, over HTTP against a loopback homeserver."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from pfinbox.channels.matrix import SPEC
from pfinbox.channels.matrix.channel import MatrixChannel
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.files import File
from tests.channels.conformance.other_side import MAC_KEY, Got, OtherSide, Trouble
from tests.channels.conformance.suite import Conformance
from tests.servers.matrix import Homeserver, Person

_FAULTS: dict[Trouble, int | str] = {
    Trouble.TOO_MANY: "M_LIMIT_EXCEEDED",
    Trouble.REFUSED: "M_FORBIDDEN",
    Trouble.WRONG_SECRET: "M_UNKNOWN_TOKEN",
    Trouble.FAULT: 502,
    Trouble.CUT: "cut",
    Trouble.TRUNCATED: "garbage",
}


class Talk(OtherSide):
    """A client who has invited the account into a room of the two."""

    spec = SPEC
    troubles = frozenset(Trouble)
    begins_now = True

    def __init__(self, server: Homeserver, us: Person, client: Person, room: str) -> None:
        self._server = server
        self._us = us
        self._client = client
        self._room = room
        self.given = {
            "homeserver": us.base,
            "user": us.user,
            "access_token": us.token,
            "max_file": 1,
        }

    def open(self, **context: Any) -> Channel:
        return MatrixChannel(
            AccountContext("it", self.settings(), MAC_KEY, **context), wait=0, at_once=10
        )

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        await self._client.called(name)
        for file in files:
            url = await self._client.uploads(file.content, file.media_type)
            info = {"mimetype": file.media_type, "size": len(file.content)}
            more = {"msgtype": "m.file", "url": url, "filename": file.name, "info": info}
            return await self._client.says(self._room, text, **more)
        return await self._client.says(self._room, text)

    async def repeats(self) -> None:
        self._server.repeat()

    async def edits(self, name: str, text: str) -> None:
        await self._client.edits(self._room, name, text)

    async def deletes(self, name: str) -> None:
        await self._client.redacts(self._room, name)

    async def shows(self, picture: bytes) -> None:
        await self._client.looks(picture)

    async def nonsense(self) -> None:
        await self._client.sends(self._room, "org.example.hologram", {"of": ["someone"]})

    async def loses(self) -> None:
        """More was written than one answer holds, and the rest of the room is refused."""
        for n in range(12):
            await self._client.says(self._room, str(n))
        self._server.faults["messages"].append("M_FORBIDDEN")

    async def read(self) -> int:
        return len(self._server.rooms[self._room].receipts)

    async def got(self) -> list[Got]:
        found = []
        for event in await self._client.events(self._room):
            if event["sender"] != self._us.user or event["type"] != "m.room.message":
                continue
            content, files = event["content"], []
            if "url" in content:
                files = [(content["filename"], await self._client.downloads(content["url"]))]
            text = "" if content["body"] == content.get("filename") else content["body"]
            found.append(Got(text, tuple(files)))
        return found

    def trouble(self, trouble: Trouble) -> None:
        self._server.faults["send"].append(_FAULTS[trouble])

    async def close(self) -> None:
        await self._client.close()


class TestMatrix(Conformance):
    @pytest.fixture
    async def other_side(self, matrix_server: Homeserver) -> AsyncIterator[OtherSide]:
        us, client = matrix_server.person("support"), matrix_server.person("maria")
        await client.called("Maria")
        room = await client.invites(us.user)
        await us.joins(room)
        yield Talk(matrix_server, us, client, room)
        await us.close()
