"""The simulator meets the suite, with a story that the suite tells."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from pfinbox.demo import MESSENGER_SPEC, wire
from pfinbox.demo.channel import DemoChannel
from pfinbox.demo.clients import CLIENTS
from pfinbox.demo.story import Line
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.files import File
from tests.channels.conformance.other_side import MAC_KEY, Got, OtherSide
from tests.channels.conformance.suite import Conformance


class Stage(OtherSide):
    """One client of the story, who says what the suite wants."""

    spec = MESSENGER_SPEC

    given: Mapping[str, Any] = {"pace": 0, "reply_hours": 24}

    def __init__(self) -> None:
        self._client = "lena"
        self._story: list[Line] = []
        self._changed: dict[str, Mapping[str, Any]] = {}
        self._opened: list[DemoChannel] = []

    def open(self, **context: Any) -> Channel:
        channel = DemoChannel(
            AccountContext("it", self.settings(), MAC_KEY, **context),
            story=self._story,
            written=self._written,
        )
        self._opened.append(channel)
        return channel

    async def says(self, text: str, *, name: str = "", files: Sequence[File] = ()) -> str:
        makers = tuple(lambda one=one: one for one in files)
        return self._add(text, {"name": name} if name else {}, files=makers)

    def _add(self, text: str, changed: Mapping[str, Any], **more: Any) -> str:
        key = f"line-{len(self._story)}"
        self._changed[key] = changed
        self._story.append(Line(key, self._client, text, wait=0, **more))
        return key

    def _written(self, line: Line, now: datetime) -> bytes:
        """What the story cannot say of its own clients."""
        told = json.loads(wire.line_bytes(line, now))
        changed = dict(self._changed.get(line.id, {}))
        told["from"]["name"] = changed.pop("name", told["from"]["name"])
        return json.dumps(told | changed).encode()

    async def repeats(self) -> None:
        """The same message in a line of its own."""
        last = self._story[-1]
        same = wire.source_id(CLIENTS[self._client], last.id)
        self._add(last.text, {"id": same, **self._changed[last.id]})

    async def nonsense(self) -> None:
        self._add("", {"type": "hologram"})

    async def edits(self, name: str, text: str) -> None:
        key = f"line-{len(self._story)}"
        self._story.append(Line(key, self._client, text, edits=name, wait=0))

    async def read(self) -> int:
        return sum(len(channel.read) for channel in self._opened)

    async def got(self) -> list[Got]:
        return [
            Got(part.text, tuple((one.name, one.content) for one in part.files))
            for channel in self._opened
            for part in channel.sent
            if part.to and CLIENTS[self._client].address in (part.chat_key, part.to[0].value)
        ]


class TestDemo(Conformance):
    @pytest.fixture
    async def other_side(self) -> OtherSide:
        return Stage()
