"""The lines of one world, and the configuration that leads a daemon to their near ends."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.faults.proxy import Line
from tests.faults.servers import Servers
from tests.faults.shop import SECRET
from tests.faults.sides import Sides
from tests.servers.bot_api import TOKEN
from tests.servers.dovecot import PASSWORD, free_port

# One way between the daemon and a server, in seconds.
_DELAY = 0.01
_SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True, slots=True)
class Lines:
    """Of SQLite there is no line, and without a shop there is no door."""

    imap: Line
    smtp: Line
    bot: Line
    database: Line | None = None
    # From the shop to the door, and from the daemon to the shop.
    door: Line | None = None
    shop: Line | None = None


@asynccontextmanager
async def laid(
    servers: Servers,
    sides: Sides,
    kind: str,
    folder: Path,
    dice: Random,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Lines]:
    """Lines to the other sides and to the database; ``tls``: what the mailbox shows itself with."""
    async with AsyncExitStack() as stack:

        async def line(target: int, tls: ssl.SSLContext | None = None) -> Line:
            return await stack.enter_async_context(Line(target, dice, _DELAY, tls).open())

        database = None
        if kind == "postgresql":
            near = Line(servers.postgres_home / _SOCKET, dice).open(folder / _SOCKET)
            database = await stack.enter_async_context(near)
        lines = Lines(
            await line(servers.dovecot.imap_port, tls),
            await line(sides.smtp.port),
            await line(int(sides.bot_api.base.rpartition(":")[2])),
            database,
        )
        if (shop := sides.shop) is not None:
            door = await line(free_port())
            shop.door = f"http://127.0.0.1:{door.port}"
            lines = Lines(lines.imap, lines.smtp, lines.bot, database, door, await line(shop.port))
        yield lines


def config(url: str, sides: Sides, lines: Lines) -> str:
    """As an admin would write it."""
    tls = "none" if lines.imap.tls is None else "ssl"
    text = f"""
[database]
url = {json.dumps(url)}
[inbox]
company = "Example"
undo_send = 0
[accounts.support]
channel = "email"
address = "{sides.mailbox.address}"
imap = {{ host = "localhost", port = {lines.imap.port}, tls = "{tls}", \
username = "{sides.mailbox.username}", password = "{PASSWORD}" }}
smtp = {{ host = "127.0.0.1", port = {lines.smtp.port}, tls = "none", \
username = "{sides.mailbox.username}", password = "{PASSWORD}" }}
[accounts.bot]
channel = "telegram"
token = "{TOKEN}"
api_base = "http://127.0.0.1:{lines.bot.port}"
"""
    if lines.door is None or lines.shop is None:
        return text
    return f"""{text}
[accounts.shop]
channel = "webhook"
secret = "{SECRET}"
send_url = "http://127.0.0.1:{lines.shop.port}/"
[web]
listen = "127.0.0.1:{lines.door.target}"
base_url = "http://127.0.0.1:{lines.door.port}"
[web.portal]
enabled = false
"""
