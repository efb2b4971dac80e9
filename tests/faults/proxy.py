"""A line between the daemon and one of its servers, with the faults that real lines have."""

import asyncio
import contextlib
import random
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

_PIECE = 65_536
# Seconds for each byte of a slow line.
_SLOW = 0.5


class Trouble(Enum):
    """What is wrong with a line for as long as it is set."""

    NONE = "none"
    # Every connection is reset, and each new one at once.
    REFUSED = "refused"
    # Connections stand and nothing passes, as behind a firewall that forgot them.
    HOLE = "hole"
    # The server's words come byte by byte.
    SLOW = "slow"
    # The server's words come as noise; to TLS, a handshake that is none.
    GARBAGE = "garbage"


@dataclass(eq=False)
class _Connection:
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    # Its other end is gone and will never say so.
    half_open: bool = False
    # So many more bytes of the server's pass before the reset.
    cut_after: int | None = None

    def reset(self) -> None:
        for writer in self.writers:
            sock = writer.get_extra_info("socket")
            if sock is not None and sock.family != socket.AF_UNIX:
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


class Line:
    """Carries both ways between whoever connects to ``port`` (or ``path``) and ``target``."""

    def __init__(
        self,
        target: int | Path,
        dice: random.Random,
        delay: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.target = target
        # What whoever connects is shown, where the near end speaks TLS.
        self.tls = tls
        # One way, in seconds.
        self.delay = delay
        # How often somebody has come.
        self.opened = 0
        self.port = 0
        self._dice = dice
        self._trouble = Trouble.NONE
        self._passable = asyncio.Event()
        self._passable.set()
        self._connections: set[_Connection] = set()
        self._serving: set[asyncio.Task[None]] = set()
        # Said of the next connection only.
        self._cut_next: int | None = None

    @property
    def trouble(self) -> Trouble:
        return self._trouble

    @trouble.setter
    def trouble(self, trouble: Trouble) -> None:
        self._trouble = trouble
        if trouble is Trouble.HOLE:
            self._passable.clear()
        else:
            self._passable.set()
        if trouble is Trouble.REFUSED:
            self.reset()

    def reset(self) -> None:
        """Reset every connection; the next one works."""
        for connection in list(self._connections):
            connection.reset()

    def half_open(self) -> None:
        """The other end of every connection is gone without a word; the next one works."""
        for connection in self._connections:
            connection.half_open = True

    def cut_after(self, size: int) -> None:
        """Reset every connection, or the next one, after so many more bytes of the server's."""
        self._cut_next = size
        for connection in self._connections:
            connection.cut_after = size

    @asynccontextmanager
    async def open(self, path: Path | None = None) -> AsyncIterator["Line"]:
        """Listen at ``path``, or at a free port of loopback."""
        if path is not None:
            server = await asyncio.start_unix_server(self._serve, path)
        else:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
            self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for serving in self._serving:
                serving.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)
        connection = _Connection([writer], cut_after=self._cut_next)
        self._cut_next = None
        if self._trouble is Trouble.REFUSED:
            connection.reset()
            return
        self._connections.add(connection)
        try:
            with contextlib.suppress(OSError):
                await self._carry_both(connection, reader, writer)
        finally:
            self._connections.discard(connection)
            _close(connection)

    async def _carry_both(
        self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if isinstance(self.target, Path):
            there, back = await asyncio.open_unix_connection(self.target)
        else:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        connection.writers.append(back)
        ways = {
            asyncio.create_task(self._carry(connection, reader, back, answers=False)),
            asyncio.create_task(self._carry(connection, there, writer, answers=True)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(
        self,
        connection: _Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        answers: bool,
    ) -> None:
        while piece := await reader.read(_PIECE):
            if self.delay:
                await asyncio.sleep(self.delay)
            await self._passable.wait()
            if connection.half_open:
                await asyncio.Event().wait()
            if answers and (left := connection.cut_after) is not None:
                connection.cut_after = left - len(piece)
                if left <= len(piece):
                    writer.write(piece[:left])
                    await writer.drain()
                    connection.reset()
                    return
            if answers and self._trouble is Trouble.GARBAGE:
                piece = self._dice.randbytes(len(piece)) + b"\r\n"
            elif answers and self._trouble is Trouble.SLOW:
                piece = await self._slowly(piece, writer)
            writer.write(piece)
            await writer.drain()
        # Its end is passed on only when nothing holds it up.
        await self._passable.wait()
        if connection.half_open:
            await asyncio.Event().wait()

    async def _slowly(self, piece: bytes, writer: asyncio.StreamWriter) -> bytes:
        """Byte by byte for as long as the line is slow; returns what is left then."""
        for at in range(len(piece)):
            if self._trouble is not Trouble.SLOW:
                return piece[at:]
            writer.write(piece[at : at + 1])
            await asyncio.sleep(_SLOW)
        return b""


def _close(connection: _Connection) -> None:
    for writer in connection.writers:
        writer.close()
