"""A PostgreSQL server that is gone without a word: no connection is closed, nothing is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from pfinbox.errors import StoreError
from pfinbox.store.uow import Store, UnitOfWork
from tests.servers.postgres import PgServer


@dataclass
class Line:
    """A line to a server, by TCP, that can be cut without either end being told."""

    socket: str
    cut: bool = False
    port: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            if not self.cut:
                writer.write(data)
        writer.close()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(self.socket)
        self.writers += [writer, ours]
        await asyncio.gather(self.carry(reader, ours), self.carry(theirs, writer))


@asynccontextmanager
async def a_line(server: PgServer) -> AsyncIterator[Line]:
    line = Line(str(server.home / ".s.PGSQL.5432"))
    listening = await asyncio.start_server(line.join, "127.0.0.1", 0)
    line.port = listening.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        listening.close()
        for writer in line.writers:
            writer.transport.abort()
        await listening.wait_closed()


async def _ask(uow: UnitOfWork) -> int:
    return int(await uow.connection.scalar(text("select 1")))


async def test_r24_a_server_gone_without_a_word_is_a_store_that_is_away(
    pg_server: PgServer, pg_url: str
) -> None:
    """Whoever waits is told so, as of any other store that is away, and it is there again later."""
    async with a_line(pg_server) as line:
        url = make_url(pg_url).set(host="127.0.0.1", port=line.port, query={})
        store = Store(url.render_as_string(hide_password=False), answer_seconds=0.3)
        assert await store.run(_ask) == 1
        line.cut = True
        # By the connection that is there, and by a new one.
        for _again in range(2):
            with pytest.raises(StoreError, match="cannot be used: no answer"):
                await store.run(_ask)
        line.cut = False
        assert await store.run(_ask) == 1
        await store.close()
