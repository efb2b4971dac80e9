"""The door open: a listener, and a clean end."""

import asyncio
import errno
import logging
import os
import socket
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from pfinbox.domain.listening import Listening
from pfinbox.errors import ConfigError
from pfinbox.i18n import _
from pfinbox.web.crowd import Crowd, Gate

log = logging.getLogger(__name__)
_requests = logging.getLogger(f"{__name__}.requests")


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a fault is the program's: what is no HTTP at all, strangers send all day."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


_requests.addFilter(_is_ours)


class CannotListen(ConfigError):
    """The address of the configuration is taken, or is none of this machine's."""


_PATIENCE = 20.0
_SHUTDOWN_SECONDS = 3.0
_RETRY_SECONDS = 5.0
_BACKLOG = 128
_LONGEST_LINE = 8190
_MOST_HEADERS = 64


class Door:
    """One listener for one application.

    ``patience``: seconds until whoever has not said what they want is cut off, as is an idle
    connection.
    """

    def __init__(
        self,
        app: web.Application,
        listening: Listening,
        patience: float = _PATIENCE,
        crowd: Crowd | None = None,
    ) -> None:
        self._listening = listening
        self._crowd = crowd or Crowd.usual()
        self._listener: asyncio.Server | None = None
        self.is_open = False
        self._runner = web.AppRunner(
            app,
            access_log=None,
            keepalive_timeout=patience,
            # For the rest of a request that nobody reads any more.
            lingering_time=patience / 10,
            logger=_requests,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
            max_headers=_MOST_HEADERS,
            # Compressed forms are sent by attackers only.
            auto_decompress=False,
        )

    async def open(self) -> None:
        """Listen, or raise CannotListen."""
        await self._runner.setup()
        try:
            self._listener = await self._listen()
        except OSError as error:
            raise CannotListen(
                _("cannot listen on {address}: {detail}").format(
                    address=self._listening,
                    detail=os.strerror(error.errno) if error.errno else error,
                )
            ) from error
        if self._listening.path:
            # The proxy is another user's program; who may reach the socket, its folder says.
            os.chmod(self._listening.path, 0o666)  # noqa: S103
        self.is_open = True
        log.info("listening on %s", self.address)

    async def _listen(self) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        gate = partial(Gate, cast("web.Server", self._runner.server), self._crowd)
        if self._listening.path:
            _remove_stale(Path(self._listening.path))
            return await loop.create_unix_server(gate, self._listening.path, backlog=_BACKLOG)
        host, port = self._listening.host, self._listening.port
        return await loop.create_server(gate, host, port, backlog=_BACKLOG)

    @property
    def address(self) -> str:
        """Where it listens; with the port that the system chose where 0 was asked for."""
        if self._listening.path:
            return str(self._listening)
        if self._listener is None:
            return ""
        host, port = self._listener.sockets[0].getsockname()[:2]
        return str(Listening(host, port))

    async def close(self) -> None:
        """No new requests; those that are being answered have a moment."""
        self.is_open = False
        if self._listener is not None:
            self._listener.close()
        await self._runner.cleanup()


def _remove_stale(path: Path) -> None:
    """Remove the socket of a process that is gone; OSError where one listens there."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


async def serve(door: Door, stop: asyncio.Event, retry: float = _RETRY_SECONDS) -> None:
    """Keep a door open until ``stop``; it may be open already.

    Where another process has the address (a daemon that this one stands by for), its turn comes
    when that one is gone.
    """
    said = False
    try:
        while not stop.is_set():
            try:
                if not door.is_open:
                    await door.open()
            except CannotListen as error:
                if not said:
                    log.warning("%s; trying again", error)
                    said = True
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), retry)
            else:
                await stop.wait()
    finally:
        await door.close()
