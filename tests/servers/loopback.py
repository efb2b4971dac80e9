"""A service's double: an aiohttp application on a port of its own."""

from abc import ABC, abstractmethod
from typing import Self

from aiohttp import web


class Loopback(ABC):
    """``base``: its address once it listens, without a slash at the end."""

    base: str
    _runner: web.AppRunner | None = None

    @abstractmethod
    def application(self) -> web.Application:
        """What it answers."""
        ...

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
