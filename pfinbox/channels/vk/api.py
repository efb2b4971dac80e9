"""Calls of VK's API, and what its refusals mean (https://dev.vk.com/en/reference/errors)."""

import json
from collections.abc import Mapping
from typing import Any

from pfinbox.channels.http.api import Api, Refused
from pfinbox.channels.http.connection import Broken
from pfinbox.channels.http.pace import Pace
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.settings import Secret

# A community's key may make 20 calls a second.
_RATE = 20
# Too many calls, or a trouble of VK's own; what is sent again is known by its random_id.
_SOON = {1, 6, 10, 43}
# Flood, a day's rate, and two kinds of captcha.
_LATER = {9, 14, 29, 3300}
# The key, its rights, its age, its community, or the address that it may be used from.
_ACCOUNT = {5, 15, 27, 28, 40, 42, 203, 1051, 1116, 1117}
# The client's page is deleted or banned, or there is no such client.
_GONE = {18, 936}
# The client has blocked the community, never allowed it to write, or keeps messages to friends.
_NOT_WRITABLE = {900, 901, 902}
_TIMED_OUT, _TOO_LONG = 950, 914


class VkApi(Api):
    """One community's key. VK answers a refusal with 200 and an ``error``."""

    name = "VK"

    def __init__(self, settings: Mapping[str, Any], pace: Pace | None = None) -> None:
        super().__init__(settings["api_base"], rate=_RATE, pace=pace)
        self._version = str(settings["version"])
        self._token: Secret = settings["token"]

    async def method(self, name: str, **given: object) -> Any:
        """The ``response``. Raises Refused, NotConnected or Broken."""
        form = {name: _text(value) for name, value in given.items() if value is not None}
        return await self.call("POST", f"/method/{name}", data=form | {"v": self._version})

    async def head(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {await self.reveal(self._token)}"}

    def result(self, told: Any) -> Any:
        if not isinstance(told, dict):
            raise Broken("no object")
        error = told.get("error")
        if isinstance(error, dict):
            code = error.get("error_code")
            words = self.clean(error.get("error_msg"))
            raise Refused(0, code if isinstance(code, int) else "", words)
        if "response" not in told:
            raise Broken("no response")
        return told["response"]

    def refusal(self, refused: Refused) -> ChannelError:
        code, said = refused.code, self.said(refused)
        if code in _SOON:
            return TemporaryFailure(Reason("rejected", said), 1.0)
        if code in _LATER:
            return TemporaryFailure(Reason("rejected", said), 60.0)
        if code in _ACCOUNT:
            return AccountFailure(Reason("auth_failed", said))
        if code in _NOT_WRITABLE:
            return PermanentFailure(Reason("blocked_by_client"), chat_writable=False)
        if code in _GONE:
            return PermanentFailure(Reason("chat_gone"), chat_writable=False)
        if code == _TIMED_OUT:
            return PermanentFailure(Reason("window_closed", {"hours": 24}))
        if code == _TOO_LONG:
            return PermanentFailure(Reason("text_too_long", said))
        return super().refusal(refused)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
