"""Requests to a service: what it answers, or what may have become of a request without an answer.

Nothing that is raised here names an address or a header: secrets may stand in either.
"""

import asyncio
import json
import ssl
from typing import Any

import aiohttp

from pfinbox.domain.contract.channel import AccountFailure
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

_CONNECT = 15.0
_MOST = 32 << 20
# A connection that the other side closes at the very moment of sending would make the fate of a
# message unknown: one that has been idle for longer is not used again.
_IDLE = 2.0


class NotConnected(Exception):
    """Nothing has left; ``str`` is the kind of trouble."""

    def __init__(self, detail: str, *, tls: bool = False) -> None:
        super().__init__(detail)
        self.tls = tls


class Broken(Exception):
    """The request may have been carried out; ``str`` is the kind of trouble."""


@record
class Answer:
    """What a service answered. ``retry_after``: seconds, where the service says so."""

    status: int
    body: bytes
    retry_after: float | None = None

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Raises Broken where the body is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Broken(type(error).__name__) from error


class Connection:
    """Connections to one service, made when they are needed.

    ``ca_file``: a root certificate that these connections alone trust besides the system's.
    """

    def __init__(self, host: str, ca_file: str | None = None) -> None:
        self.host = host
        self._ca_file = ca_file
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, url: str, *, seconds: float = 60.0, **given: Any) -> Answer:
        """Whatever is answered, redirects too. ``given`` is for aiohttp (json, data, headers ...).

        Raises NotConnected or Broken.
        """
        session = await self._open()
        patience = aiohttp.ClientTimeout(total=seconds, sock_connect=_CONNECT)
        try:
            async with session.request(
                method, url, timeout=patience, allow_redirects=False, **given
            ) as answer:
                after = answer.headers.get("Retry-After", "")
                return Answer(
                    answer.status, await _body(answer), float(after) if after.isdecimal() else None
                )
        except aiohttp.ClientSSLError as error:
            raise NotConnected(type(error).__name__, tls=True) from error
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.InvalidURL,
        ) as error:
            raise NotConnected(type(error).__name__) from error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Broken(type(error).__name__) from error

    async def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            trusted = await asyncio.to_thread(self._trusted) if self._ca_file else True
            connector = aiohttp.TCPConnector(ssl=trusted, keepalive_timeout=_IDLE)
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session

    def _trusted(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        try:
            context.load_verify_locations(self._ca_file)
        except (OSError, ssl.SSLError) as error:
            detail = f"{self._ca_file}: {error}"
            reason = Reason("tls_failed", {"host": self.host, "detail": detail})
            raise AccountFailure(reason) from error
        return context

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    # ``read(most)`` would give what has come so far.
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_any():
        size += len(chunk)
        if size > _MOST:
            raise ValueError("an endless answer")
        chunks.append(chunk)
    return b"".join(chunks)
