"""The simulator meets the suite, with a story that the suite tells."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pfinbox.demo import MESSENGER_SPEC
from pfinbox.demo.channel import DemoChannel
from pfinbox.demo.clients import CLIENTS
from pfinbox.demo.story import Line
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.files import File
from tests.channels.conformance.other_side import MAC_KEY, CannotBe, Got, OtherSide
from tests.channels.conformance.suite import Conformance


class Stage(OtherSide):
    """One client of the story, who says what the suite wants."""

    spec = MESSENGER_SPEC

    given: Mapping[str, Any] = {"pace": 0, "reply_hours": 24}

    def __init__(self) -> None:
        self._client = "lena"
        self._story: list[Line] = []
        self._opened: list[DemoChannel] = []

    def open(self, **context: Any) -> Channel:
        channel = DemoChannel(
            AccountContext("it", self.settings(), MAC_KEY, **context), story=self._story
        )
        self._opened.append(channel)
        return channel

    async def says(self, text: str, *, name: str = "", files: Sequence[File] = ()) -> str:
        if name and name != "Maria":
            raise CannotBe
        key = f"line-{len(self._story)}"
        makers = tuple(lambda one=one: one for one in files)
        self._story.append(Line(key, self._client, text, files=makers, wait=0))
        return key

    async def edits(self, name: str, text: str) -> None:
        key = f"line-{len(self._story)}"
        self._story.append(Line(key, self._client, text, edits=name, wait=0))

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
