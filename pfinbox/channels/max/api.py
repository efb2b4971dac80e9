"""Calls of MAX's API, and what its refusals mean (https://dev.max.ru/docs-api)."""

import asyncio
import json
import ssl
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

_RATE = 30
_MOST = 32 << 20
NOT_READY = "attachment.not.ready"


class Refused(Exception):
    """MAX has answered that it will not: ``status`` 4xx, its ``code``, its words."""

    def __init__(self, status: int, code: str, told: str) -> None:
        super().__init__(f"{status} {code} {told}".strip())
        self.status = status
        self.code = code


class NotConnected(Exception):
    """Nothing has left; ``str`` is the kind of trouble."""


class Broken(Exception):
    """The request may have been carried out; ``str`` is the kind of trouble."""


class Api:
    """One bot's token, and the connections that it uses."""

    def __init__(self, settings: Mapping[str, Any], pace: Pace | None = None) -> None:
        self._base = str(settings["api_base"]).rstrip("/")
        self._secret: Secret = settings["token"]
        self._ca_file = settings["ca_file"]
        self._token: str | None = None
        self._pace = pace or Pace(_RATE)
        self._session: aiohttp.ClientSession | None = None
        self.host = urlsplit(self._base).netloc

    async def ready(self) -> None:
        """The token is read now, as a command may take its time."""
        if self._token is None:
            self._token = await asyncio.to_thread(self._secret.reveal)

    async def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            context = await asyncio.to_thread(self._context)
            connector = aiohttp.TCPConnector(ssl=context)
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session

    def _context(self) -> ssl.SSLContext:
        """Only this account's connections trust the root certificate of ``ca_file``."""
        context = ssl.create_default_context()
        if self._ca_file:
            try:
                context.load_verify_locations(self._ca_file)
            except (OSError, ssl.SSLError) as error:
                detail = f"{self._ca_file}: {error}"
                raise AccountFailure(
                    Reason("tls_failed", {"host": self.host, "detail": detail})
                ) from error
        return context

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        seconds: float = 60,
        **query: object,
    ) -> Any:
        """The JSON of the answer. Raises Refused, NotConnected or Broken."""
        await self.ready()
        await self._pace.turn()
        asked = {name: str(value) for name, value in query.items() if value is not None}
        head = {"Authorization": self._token or ""}
        return await self._answer(
            method, f"{self._base}{path}", seconds, params=asked, json=body, headers=head
        )

    async def put(self, url: str, form: aiohttp.FormData) -> Any:
        """Hand a file over, at another host: the token is not for it."""
        return await self._answer("POST", url, 300, data=form)

    async def _answer(self, method: str, url: str, seconds: float, **given: Any) -> Any:
        session = await self._open()
        patience = aiohttp.ClientTimeout(total=seconds, sock_connect=15)
        try:
            async with session.request(
                method, url, timeout=patience, allow_redirects=False, **given
            ) as answer:
                told = await answer.content.read(_MOST)
                if 400 <= answer.status < 500:
                    raise self._refused(answer.status, told)
                if answer.status != 200:
                    raise Broken(f"HTTP {answer.status}")
                return json.loads(told)
        except aiohttp.ClientConnectorError as error:
            raise NotConnected(type(error).__name__) from error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Broken(type(error).__name__) from error

    def _refused(self, status: int, told: bytes) -> Refused:
        try:
            given = json.loads(told)
        except ValueError:
            given = {}
        error = given if isinstance(given, dict) else {}
        words = str(error.get("message", ""))[:300]
        if self._token:
            words = words.replace(self._token, "…")
        return Refused(status, str(error.get("code", ""))[:100], words)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def failure(problem: Exception, host: str, *, sending: bool = False) -> ChannelError:
    """What a problem means for the account, or for the message that was being sent."""
    if isinstance(problem, ChannelError):
        return problem
    if isinstance(problem, Refused):
        return _refusal(problem)
    detail = str(problem) or type(problem).__name__
    if isinstance(problem, Broken) and sending:
        return UnknownOutcome(Reason("outcome_unknown", {"detail": detail}))
    return TemporaryFailure(Reason("connection_failed", {"host": host, "detail": detail}))


def _refusal(problem: Refused) -> ChannelError:
    said = {"detail": f"MAX {problem}"}
    if problem.status == 401:
        return AccountFailure(Reason("auth_failed", said))
    if problem.status == 429:
        return TemporaryFailure(Reason("rejected", said), 1.0)
    if problem.code == NOT_READY:
        return TemporaryFailure(Reason("rejected", said), 10.0)
    if problem.status == 403:
        return PermanentFailure(Reason("blocked_by_client"), chat_writable=False)
    if problem.status == 404:
        return PermanentFailure(Reason("chat_gone"), chat_writable=False)
    return PermanentFailure(Reason("rejected", said))
