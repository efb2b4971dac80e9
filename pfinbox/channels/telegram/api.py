"""The connection to a Bot API server: aiogram's client with its own way over the wire.

aiogram's own session cannot tell "never connected" from "the answer was lost", follows redirects
with the token in the URL, and waits a quarter of a second on closing.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramEntityTooLarge
from aiogram.methods import TelegramMethod
from aiogram.utils.token import TokenValidationError
from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientSSLError, ClientTimeout
from aiohttp import ConnectionTimeoutError as ConnectTimeout

from pfinbox.channels.telegram.failures import Broken, NotSent, detail_of, scrub
from pfinbox.channels.telegram.settings import host_of
from pfinbox.domain.contract.channel import AccountFailure
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.settings import Secret
from pfinbox.errors import PfinboxError

_CONNECT = 15.0  # seconds until a connection must stand


class TooLarge(Exception):
    """A file is larger than what is taken."""


class _Session(AiohttpSession):
    def __init__(self, server: TelegramAPIServer) -> None:
        super().__init__(api=server)
        # A kept-alive connection may be closed by the other side at the very moment of sending:
        # the message would count as "unknown" without need. One connection per request instead.
        self._connector_init["force_close"] = True

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[Any], timeout: float | None = None
    ) -> Any:
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        form = self.build_form_data(bot=bot, method=method)
        session: ClientSession = await self.create_session()
        limits = ClientTimeout(total=timeout or self.timeout, sock_connect=_CONNECT)
        try:
            async with session.post(
                url, data=form, timeout=limits, allow_redirects=False
            ) as response:
                status, body = response.status, await response.read()
        except (ClientError, OSError, TimeoutError) as problem:
            failed = _wire_failure(problem, bot.token)
        else:
            if status == 413:  # may come from a proxy, as a page
                raise TelegramEntityTooLarge(method=method, message="too large")
            text = body.decode("utf-8", "replace")
            return self.check_response(bot, method, status, text).result
        raise failed


def _wire_failure(problem: BaseException, token: str) -> NotSent | Broken:
    if isinstance(problem, ClientSSLError):
        return NotSent(detail_of(problem, token), tls=True)
    if isinstance(problem, ClientConnectorError):
        return NotSent(scrub(problem.strerror or str(problem), token))
    if isinstance(problem, ConnectTimeout):
        return NotSent("timeout")
    if isinstance(problem, TimeoutError):
        return Broken("timeout")
    return Broken(f"{type(problem).__name__}: {detail_of(problem, token)}")


class Api:
    """One bot at one server. Connects when first used; the token is read only then."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._base = str(settings["api_base"]).rstrip("/")
        folder = settings.get("files_dir")
        self._folder = Path(str(folder)).resolve() if folder else None
        self._secret: Secret | str = settings["token"]
        self._bot: Bot | None = None
        self._session = _Session(TelegramAPIServer.from_base(self._base))
        self.host = host_of(settings)
        self.token = ""

    async def ready(self) -> Bot:
        """The client; raises AccountFailure when there is no usable token."""
        if self._bot is None:
            try:
                self.token = await self._reveal()
                self._bot = Bot(self.token, session=self._session)
            except TokenValidationError as problem:
                reason = Reason("auth_failed", {"detail": detail_of(problem, self.token)})
            except (PfinboxError, OSError) as problem:
                reason = Reason("secret_unreadable", {"detail": detail_of(problem, self.token)})
            else:
                return self._bot
            raise AccountFailure(reason)
        return self._bot

    async def _reveal(self) -> str:
        if isinstance(self._secret, str):
            return self._secret.strip()
        # the secret may be behind a command that asks somewhere else
        return (await asyncio.to_thread(self._secret.reveal)).strip()

    async def call(self, method: TelegramMethod[Any], timeout: float = 60) -> Any:
        """The method's result; raises aiogram's errors, NotSent or Broken."""
        bot = await self.ready()
        return await self._session.make_request(bot, method, timeout)

    async def download(self, path: str, limit: int) -> bytes:
        """A file's bytes by what getFile said; raises TooLarge, NotSent, Broken, or ValueError."""
        await self.ready()
        if path.startswith("/") and self._folder is not None:
            # a server started with --local names a file on its own disk
            return await asyncio.to_thread(_read_local, Path(path), self._folder, limit)
        session: ClientSession = await self._session.create_session()
        url = self._session.api.file_url(self.token, path.lstrip("/"))
        waits = ClientTimeout(total=600, sock_connect=_CONNECT, sock_read=30)
        content = bytearray()
        try:
            async with session.get(url, timeout=waits, allow_redirects=False) as response:
                if response.status != 200:
                    raise ValueError(f"HTTP {response.status}")
                async for chunk in response.content.iter_chunked(1 << 16):
                    content += chunk
                    if len(content) > limit:
                        raise TooLarge
                return bytes(content)
        except (ClientError, OSError) as problem:
            failed = _wire_failure(problem, self.token)
        raise failed

    async def close(self) -> None:
        await self._session.close()


def _read_local(path: Path, folder: Path, limit: int) -> bytes:
    """Only from the configured folder: the server must not make us show any other file."""
    try:
        path = path.resolve()
        if not path.is_relative_to(folder):
            raise ValueError("outside files_dir")
        if path.stat().st_size > limit:
            raise TooLarge
        return path.read_bytes()
    except OSError as problem:
        said = problem.strerror or type(problem).__name__
    raise ValueError(said)
