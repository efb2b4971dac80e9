"""The Telegram channel meets the suite, with aiogram's real client and a loopback Bot API."""

from collections.abc import Sequence

import pytest

from pfinbox.channels.telegram import SPEC
from pfinbox.domain.contract.files import File
from tests.channels.conformance.other_side import Got, OtherSide, Trouble
from tests.channels.conformance.suite import Conformance
from tests.servers.bot_api import TOKEN, BotApi, Fault
from tests.servers.bot_api.shapes import Json, failed, user

_FAULTS = {
    Trouble.TOO_MANY: Fault(429, failed(429, "Too Many Requests", {"retry_after": 5})),
    Trouble.REFUSED: Fault(403, failed(403, "Forbidden: bot was blocked by the user")),
    Trouble.WRONG_SECRET: Fault(401, failed(401, "Unauthorized")),
    Trouble.FAULT: Fault(502, "<html>Bad Gateway</html>"),
    Trouble.CUT: Fault(applied=True),
    Trouble.TRUNCATED: Fault(200, '{"ok": true, "resu', applied=True),
}


class Telegram(OtherSide):
    """A client who writes to the bot."""

    spec = SPEC
    troubles = frozenset(Trouble)

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._said: dict[str, Json] = {}
        self.given = {"token": TOKEN, "api_base": api.base, "poll_seconds": 0}

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        who = user(42, name)
        if files:
            (file,) = files
            update = self._api.clients.sends_document(
                file.content, file.name, file.media_type, text, who
            )
        else:
            update = self._api.clients.says(who, text)
        key = str(update["message"]["message_id"])
        self._said[key] = update
        return key

    async def repeats(self) -> None:
        """A poll repeated: the same update under another number."""
        last = next(reversed(self._said.values()))
        self._api.push(message=last["message"])

    async def edits(self, name: str, text: str) -> None:
        known = self._said.get(name)
        if known is None:
            last = next(reversed(self._said.values()))
            known = {**last, "message": {**last["message"], "message_id": int(name)}}
        self._api.clients.edits(known, text)

    async def shows(self, picture: bytes) -> None:
        self._api.photo = self._api.keep(picture, "jpg")

    async def nonsense(self) -> None:
        """A message of a kind that came after us."""
        last = next(reversed(self._said.values()))["message"]
        rest = {name: value for name, value in last.items() if name != "text"}
        self._api.push(message={**rest, "message_id": 900, "hologram": {"of": ["someone"]}})

    async def got(self) -> list[Got]:
        found = []
        for one in self._api.sent:
            document = one.get("document")
            files: tuple[tuple[str, bytes], ...] = ()
            if document is not None:
                content = self._api.files[document["file_id"]]
                files = ((document["file_name"], content),)
            found.append(Got(one.get("text") or one.get("caption") or "", files))
        return found

    def trouble(self, trouble: Trouble) -> None:
        for method in ("sendMessage", "sendDocument"):
            self._api.fault(method, _FAULTS[trouble])


class TestTelegram(Conformance):
    @pytest.fixture
    async def other_side(self, bot_api: BotApi) -> OtherSide:
        return Telegram(bot_api)
