"""From a server's name to a signed-in IMAP session, with what goes wrong told apart."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

from pfinbox.channels.mail.imap.session.protocol import Protocol
from pfinbox.channels.mail.imap.session.session import COMMAND_SECONDS, Session
from pfinbox.channels.mail.server import Server
from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.reason import Reason


async def connect(
    server: Server, timeout: float = COMMAND_SECONDS, reached: Callable[[], None] = lambda: None
) -> Session:
    """A signed-in session; ``reached`` is called before the sign-in, when TLS stands.

    Raises TemporaryFailure (connection_failed, tls_failed, server_error) or AccountFailure
    (auth_failed).
    """
    made: list[Session] = []

    async def sign_in(password: str) -> None:
        made.append(await _signed_in(server, password, timeout, reached))

    await server.signing_in(sign_in)
    return made[0]


async def _signed_in(
    server: Server, password: str, timeout: float, reached: Callable[[], None]
) -> Session:
    """A connection of its own for every try: servers end one after a refusal."""
    session = await _greeted(server, timeout)
    try:
        await session.read_capabilities()
        if server.tls == "starttls":
            if not session.has("STARTTLS"):
                raise TemporaryFailure(
                    Reason("tls_failed", {"host": server.host, "detail": "STARTTLS not offered"})
                )
            await session.start_tls(server.context())
            await session.read_capabilities()
        reached()
        await session.sign_in(server.username or "", password, server.auth)
    except BaseException:
        session.abort()
        raise
    return session


async def _greeted(server: Server, timeout: float) -> Session:
    loop = asyncio.get_running_loop()
    protocol = Protocol()
    try:
        async with asyncio.timeout(timeout):
            transport, _protocol = await loop.create_connection(
                lambda: protocol,
                server.host,
                server.port,
                ssl=server.context() if server.tls == "ssl" else None,
            )
    except (OSError, ValueError) as error:  # TimeoutError and ssl.SSLError are OSErrors
        raise TemporaryFailure(server.unreachable(error)) from error
    _keep_alive(transport.get_extra_info("socket"))
    session = Session(protocol, server.host, timeout)
    try:
        await session.greeted()
    except TemporaryFailure as error:
        raise TemporaryFailure(
            Reason(
                "connection_failed",
                {"host": server.place, "detail": error.reason.args.get("detail", "")},
            )
        ) from error
    return session


def _keep_alive(sock: socket.socket | None) -> None:
    """The system finds a dead peer too, in minutes and not in hours."""
    if sock is None:
        return
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 120_000)
