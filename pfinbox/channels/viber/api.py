"""Calls of Viber's API, and what its refusals mean.

https://developers.viber.com/docs/api/rest-bot-api/#error-codes
"""

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

# Viber names no rate for single messages.
_RATE = 20
_TOKEN = 2
# The bot is blocked, gone, suspended or not allowed to, or its account is empty.
_ACCOUNT = {7, 8, 9, 15, 22, 24}
_NOT_REGISTERED, _NOT_SUBSCRIBED = 5, 6
_NO_WEBHOOK, _TOO_MANY = 10, 12
# The last one that Viber explains; all others are "general errors".
_LAST_KNOWN = 24


class ViberApi(Api):
    """One bot's token. Viber answers a refusal with 200 and a ``status`` that is not 0."""

    name = "Viber"

    def __init__(self, settings: Mapping[str, Any], pace: Pace | None = None) -> None:
        super().__init__(settings["api_base"], rate=_RATE, pace=pace)
        self._token: Secret = settings["token"]

    async def method(self, name: str, **given: Any) -> dict[str, Any]:
        """The whole answer. Raises Refused, NotConnected or Broken."""
        # As UTF-8: Viber takes 30 kB, and with escapes 7,000 letters would be 42.
        body = json.dumps(given, ensure_ascii=False).encode("utf-8", "replace")
        told: dict[str, Any] = await self.call("POST", f"/{name}", data=body)
        return told

    async def head(self) -> Mapping[str, str]:
        token = await self.reveal(self._token)
        return {"X-Viber-Auth-Token": token, "Content-Type": "application/json"}

    def result(self, told: Any) -> Any:
        status = told.get("status") if isinstance(told, dict) else None
        if not isinstance(status, int):
            raise Broken("no status")
        if status != 0:
            raise Refused(0, status, self.clean(told.get("status_message")))
        return told

    def refusal(self, refused: Refused) -> ChannelError:
        code, said = refused.code, self.said(refused)
        if not isinstance(code, int):
            return super().refusal(refused)
        if code == _TOKEN:
            return AccountFailure(Reason("auth_failed", said))
        if code in _ACCOUNT:
            return AccountFailure(Reason("rejected", said))
        if code == _NOT_REGISTERED:
            return PermanentFailure(Reason("chat_gone"), chat_writable=False)
        if code == _NOT_SUBSCRIBED:
            return PermanentFailure(Reason("unsubscribed"), chat_writable=False)
        if code in (_NO_WEBHOOK, _TOO_MANY) or code > _LAST_KNOWN:
            return TemporaryFailure(Reason("rejected", said), 60.0)
        return PermanentFailure(Reason("rejected", said))
