"""Calls of MAX's API, and what its refusals mean (https://dev.max.ru/docs-api)."""

from collections.abc import Mapping
from typing import Any

from pfinbox.channels.http.api import Api, Refused
from pfinbox.channels.http.connection import Answer, Broken
from pfinbox.channels.http.pace import Pace
from pfinbox.domain.contract.channel import ChannelError, TemporaryFailure
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.settings import Secret

_RATE = 30
NOT_READY = "attachment.not.ready"


class MaxApi(Api):
    """One bot's token."""

    name = "MAX"

    def __init__(self, settings: Mapping[str, Any], pace: Pace | None = None) -> None:
        super().__init__(settings["api_base"], rate=_RATE, ca_file=settings["ca_file"], pace=pace)
        self._token: Secret = settings["token"]

    async def head(self) -> Mapping[str, str]:
        return {"Authorization": await self.reveal(self._token)}

    def refused(self, answer: Answer) -> Refused:
        try:
            given = answer.json()
        except Broken:
            given = None
        error = given if isinstance(given, dict) else {}
        code, words = str(error.get("code", ""))[:100], self.clean(error.get("message"))
        return Refused(answer.status, code, words, answer.retry_after)

    def refusal(self, refused: Refused) -> ChannelError:
        if refused.code == NOT_READY:
            return TemporaryFailure(Reason("rejected", self.said(refused)), 10.0)
        return super().refusal(refused)


def query(**given: object) -> dict[str, str]:
    """The parameters of an address, without those that are None."""
    return {name: str(value) for name, value in given.items() if value is not None}
