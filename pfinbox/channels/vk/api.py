"""Calls of VK's API, and what its refusals mean (https://dev.vk.com/en/reference/errors)."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from pfinbox.channels.http.pace import Pace
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.settings import Secret

_PATIENCE = aiohttp.ClientTimeout(total=60, sock_connect=15)
# A community's key may make 20 calls a second.
_RATE = 20
_MOST = 32 << 20
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


class Refused(Exception):
    """VK has answered with an error: certainly nothing was done."""

    def __init__(self, code: int, told: str) -> None:
        super().__init__(f"{code}: {told}")
        self.code = code
        self.told = told


class NotConnected(Exception):
    """Nothing has left; ``str`` is the kind of trouble."""


class Broken(Exception):
    """The request may have been carried out; ``str`` is the kind of trouble."""


class Api:
    """One community's key, and the connections that it uses."""

    def __init__(self, settings: Mapping[str, Any], pace: Pace | None = None) -> None:
        self._base = str(settings["api_base"]).rstrip("/")
        self._version = str(settings["version"])
        self._secret: Secret = settings["token"]
        self._token: str | None = None
        self._pace = pace or Pace(_RATE)
        self._session: aiohttp.ClientSession | None = None
        self.host = urlsplit(self._base).netloc

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    async def ready(self) -> None:
        """The key is read now, as a command may take its time."""
        if self._token is None:
            self._token = await asyncio.to_thread(self._secret.reveal)

    async def call(self, method: str, **given: object) -> Any:
        """The ``response``. Raises Refused, NotConnected or Broken."""
        await self.ready()
        await self._pace.turn()
        form = {name: _text(value) for name, value in given.items() if value is not None}
        form |= {"v": self._version}
        head = {"Authorization": f"Bearer {self._token}"}
        answer = await self.post(f"{self._base}/method/{method}", form, head)
        if not isinstance(answer, dict):
            raise Broken("no object")
        error = answer.get("error")
        if isinstance(error, dict):
            code = error.get("error_code")
            told = str(error.get("error_msg", ""))[:300]
            raise Refused(code if isinstance(code, int) else 0, self.without_token(told))
        if "response" not in answer:
            raise Broken("no response")
        return answer["response"]

    async def post(
        self, url: str, form: Mapping[str, str] | aiohttp.FormData, head: Mapping[str, str]
    ) -> Any:
        """The JSON that is answered to a POST."""
        try:
            async with self.session.post(
                url, data=form, headers=head, timeout=_PATIENCE, allow_redirects=False
            ) as answer:
                return await read(answer)
        except aiohttp.ClientConnectorError as error:
            raise NotConnected(type(error).__name__) from error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Broken(type(error).__name__) from error

    def without_token(self, text: str) -> str:
        return text.replace(self._token, "…") if self._token else text

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def read(answer: aiohttp.ClientResponse) -> Any:
    """The JSON of an answer; ValueError for a status or a body that is none."""
    if answer.status != 200:
        raise ValueError(f"HTTP {answer.status}")
    return json.loads(await answer.content.read(_MOST))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def failure(problem: Exception, host: str, *, sending: bool = False) -> ChannelError:
    """What a problem means for the account, or for the message that was being sent."""
    if isinstance(problem, ChannelError):
        return problem
    if isinstance(problem, Refused):
        return _refusal(problem)
    detail = {"host": host, "detail": str(problem) or type(problem).__name__}
    if isinstance(problem, Broken) and sending:
        return UnknownOutcome(Reason("outcome_unknown", {"detail": detail["detail"]}))
    return TemporaryFailure(Reason("connection_failed", detail))


def _refusal(problem: Refused) -> ChannelError:
    code, said = problem.code, {"detail": f"VK {problem}"}
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
    return PermanentFailure(Reason("text_too_long" if code == _TOO_LONG else "rejected", said))
