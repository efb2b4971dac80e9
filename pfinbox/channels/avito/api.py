"""Calls of Avito's API, and what its refusals mean.

https://developers.avito.ru/api-catalog/messenger/documentation, and .../auth/documentation
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pfinbox.channels.http.api import Api, Refused
from pfinbox.channels.http.connection import Answer, Broken, NotConnected
from pfinbox.channels.http.every import Every
from pfinbox.channels.http.pace import Pace
from pfinbox.domain.contract.channel import AccountFailure, ChannelError
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.settings import Secret

# Avito tells the rate of the day in a header and names none.
_RATE = 5
# Of a token's life in seconds: it is renewed so long before its end.
_BEFORE_THE_END = 600
_STALE = (401, 403)
_PLAN_NEEDED = 402


class AvitoApi(Api):
    """One application of one seller's: a token that lasts a day is renewed in time."""

    name = "Avito"

    def __init__(
        self,
        settings: Mapping[str, Any],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(settings["api_base"], rate=_RATE, pace=Pace(_RATE, sleep=sleep))
        self._client_id = str(settings["client_id"])
        self._secret: Secret = settings["client_secret"]
        self._token = ""
        self._renewal = Every(0)
        user = settings["user_id"]
        self.of_user = f"/messenger/v1/accounts/{user}"
        self.of_user_v2 = f"/messenger/v2/accounts/{user}"
        self.of_user_v3 = f"/messenger/v3/accounts/{user}"

    async def call(self, method: str, path: str, **given: Any) -> Any:
        """A token that is refused before its end is renewed once."""
        fresh = self._renewal.due
        try:
            return await super().call(method, path, **given)
        except Refused as refused:
            if refused.status not in _STALE or fresh:
                raise
        self._renewal.done(0)
        return await super().call(method, path, **given)

    async def head(self) -> Mapping[str, str]:
        if self._renewal.due:
            await self._renew()
        return {"Authorization": f"Bearer {self._token}"}

    async def _renew(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": await self.reveal(self._secret),
        }
        try:
            told = await self.answered("POST", f"{self.base}/token", data=form)
        except Broken as broken:
            # Without a token the request that needs one has not left.
            raise NotConnected(str(broken)) from broken
        except Refused as refused:
            if refused.status == 429:
                raise
            raise AccountFailure(Reason("auth_failed", self.said(refused))) from refused
        token = told.get("access_token")
        if not token:
            # A wrong secret is answered with 200, too.
            detail = f"Avito {self.clean(told.get('error_description') or told.get('error'))}"
            raise AccountFailure(Reason("auth_failed", {"detail": detail}))
        self._token = str(token)
        self.hide(self._token)
        life = float(told.get("expires_in") or 0)
        self._renewal.done(max(life - _BEFORE_THE_END, life / 2))

    def refused(self, answer: Answer) -> Refused:
        try:
            given = answer.json()
        except Broken:
            given = None
        error = given.get("error") if isinstance(given, dict) else None
        words = error.get("message") if isinstance(error, dict) else error
        return Refused(answer.status, "", self.clean(words), answer.retry_after)

    def refusal(self, refused: Refused) -> ChannelError:
        if refused.status == _PLAN_NEEDED:
            return AccountFailure(Reason("plan_needed", self.said(refused)))
        return super().refusal(refused)
