"""Calls of Meta's Graph API (https://developers.facebook.com/docs/graph-api)."""

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from pfinbox.channels.http.api import Api, Refused
from pfinbox.channels.http.connection import Answer, Broken
from pfinbox.channels.http.pace import Pace
from pfinbox.channels.meta import refusals
from pfinbox.domain.contract.channel import ChannelError
from pfinbox.domain.contract.settings import Secret

VERSION = "v23.0"
# WhatsApp takes 80 messages a second, Instagram 100, Messenger 300.
_RATE = 40


class GraphRefused(Refused):
    """A refusal with Meta's own second number and words."""

    def __init__(self, answer: Answer, error: refusals.Error) -> None:
        super().__init__(answer.status, error.code, error.words, answer.retry_after)
        self.error = error


class GraphApi(Api):
    """One account's token; every call proves that the app's secret is known, too."""

    name = "Meta"

    def __init__(self, settings: Mapping[str, Any], pace: Pace | None = None) -> None:
        super().__init__(_versioned(settings["api_base"]), rate=_RATE, pace=pace)
        self._token: Secret = settings["token"]
        self._app_secret: Secret = settings["app_secret"]
        self._hours = refusals.window(settings)

    async def head(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {await self.reveal(self._token)}"}

    async def get(self, path: str, **query: str) -> Any:
        return await self.call("GET", path, params=query | await self._proof())

    async def post(self, path: str, *, seconds: float = 60.0, **given: Any) -> Any:
        """``given``: ``json`` or ``data``."""
        return await self.call("POST", path, seconds=seconds, params=await self._proof(), **given)

    async def _proof(self) -> dict[str, str]:
        """See https://developers.facebook.com/docs/graph-api/guides/secure-requests"""
        token, secret = await self.reveal(self._token), await self.reveal(self._app_secret)
        proof = hmac.new(secret.encode(), token.encode(), sha256).hexdigest()
        self.hide(proof)
        return {"appsecret_proof": proof}

    async def answered(self, method: str, url: str, **given: Any) -> Any:
        answer = await self.ask(method, url, **given)
        if answer.good:
            return answer.json()
        refused = self.refused(answer)
        if answer.status >= 500 and not refusals.is_certain(refused.error):
            raise Broken(f"HTTP {answer.status}")
        raise refused

    def refused(self, answer: Answer) -> GraphRefused:
        try:
            given = answer.json()
        except Broken:
            given = None
        told = given.get("error") if isinstance(given, dict) else None
        return GraphRefused(answer, refusals.read(told, self.clean))

    def refusal(self, refused: Refused) -> ChannelError:
        error = refused.error if isinstance(refused, GraphRefused) else refusals.Error()
        return refusals.failure(error, refused.status, refused.retry_after, self._hours)


def _versioned(base: str) -> str:
    """Meta's address with the version of its API, where the configuration names none."""
    base = base.rstrip("/")
    return base if re.search(r"/v\d+\.\d+$", urlsplit(base).path) else f"{base}/{VERSION}"
