"""From a server's name to a signed-in SMTP connection, kept for the next mail of a burst."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

import aiosmtplib
from aiosmtplib import SMTPResponse

from pfinbox.channels.mail.server import Server, tls_reason
from pfinbox.channels.mail.smtp import refusals
from pfinbox.domain.contract.channel import AccountFailure, ChannelError, TemporaryFailure
from pfinbox.domain.contract.reason import Reason

COMMAND_SECONDS = 60.0
# Until it is signed in: a server that says nothing is to be named at its account within 30 s.
_CONNECT_SECONDS = 25.0
# Servers end idle connections after five minutes or less; a burst is over long before.
KEPT_SECONDS = 15.0
# A kept connection whose server says nothing for so long is not worth waiting for.
_SILENT_SECONDS = 5.0
COMPLETED = 250
GOING_AWAY = 421


async def connect(
    server: Server, timeout: float = COMMAND_SECONDS, reached: Callable[[], None] = lambda: None
) -> aiosmtplib.SMTP:
    """A signed-in connection; raises TemporaryFailure or AccountFailure.

    ``reached`` is called before the sign-in, when TLS stands.
    """
    made: list[aiosmtplib.SMTP] = []

    async def sign_in(password: str) -> None:
        made.append(await _signed_in(server, password, timeout, reached))

    if server.username:
        await server.signing_in(sign_in)
    else:
        await sign_in("")
    return made[0]


async def _signed_in(
    server: Server, password: str, timeout: float, reached: Callable[[], None]
) -> aiosmtplib.SMTP:
    """A connection of its own for every try: servers end one after a refusal."""
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        timeout=min(timeout, _CONNECT_SECONDS),
        use_tls=server.tls == "ssl",
        start_tls=False,
        tls_context=server.context() if server.tls != "none" else None,
        # Not the machine's name: it is nobody's business and looking it up may take seconds.
        local_hostname="[127.0.0.1]",
    )
    try:
        await client.connect()
        await client.ehlo()
        if server.tls == "starttls":
            await _start_tls(client, server)
        reached()
        if server.username:
            await _sign_in(client, server, password)
        client.timeout = timeout
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()
        raise before(error, server) from error
    except BaseException:
        client.close()
        raise
    return client


async def _start_tls(client: aiosmtplib.SMTP, server: Server) -> None:
    if not client.supports_extension("starttls"):
        raise TemporaryFailure(
            Reason("tls_failed", {"host": server.place, "detail": "STARTTLS not offered"})
        )
    try:
        await client.starttls()
    except (aiosmtplib.SMTPException, OSError) as error:
        cause = error if isinstance(error, ssl.SSLError) else error.__cause__ or error
        raise TemporaryFailure(tls_reason(server.place, cause)) from error
    await client.ehlo()


async def _sign_in(client: aiosmtplib.SMTP, server: Server, password: str) -> None:
    if not client.supports_extension("auth"):
        raise AccountFailure(Reason("auth_failed", {"detail": "AUTH not offered"}))
    username = server.username or ""
    try:
        if server.auth == "xoauth2":
            await client.auth_xoauth2(username, password)
        else:
            await client.login(username, password)
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
        raise
    except aiosmtplib.SMTPResponseException as error:
        detail = told(error.code, error.message)
        if 400 <= error.code < 500:
            reason = Reason("server_error", {"host": server.host, "detail": detail})
            busy = refusals.busy(server.host, detail)
            raise busy or TemporaryFailure(reason, refusals.wait(detail)) from error
        raise AccountFailure(refusals.sign_in(server.host, detail, server.auth)) from error
    except aiosmtplib.SMTPException as error:  # no way to sign in that both sides know
        raise AccountFailure(Reason("auth_failed", {"detail": str(error)[:200]})) from error


# Says the first command of a mail; raises a ChannelError where the server refuses just that.
Begin = Callable[[aiosmtplib.SMTP], Awaitable[None]]


class Kept:
    """The connections of the last mails, for the next ones of a burst.

    Each is kept only after a mail that was taken, and one that is gone by the first command of the
    next mail is left for another: what happened to it meanwhile costs no mail.
    """

    def __init__(self, seconds: float = KEPT_SECONDS) -> None:
        self._seconds = seconds
        # With what closes them; the one that was used last is the first to be taken.
        self._clients: dict[aiosmtplib.SMTP, asyncio.TimerHandle] = {}

    async def take(self, server: Server, timeout: float, begin: Begin) -> aiosmtplib.SMTP:
        """A connection on which a mail has begun; nobody else gets it meanwhile."""
        while self._clients:
            client, closing = self._clients.popitem()
            closing.cancel()
            try:
                async with asyncio.timeout(_SILENT_SECONDS):
                    await begin(client)
                return client
            except (aiosmtplib.SMTPException, OSError):
                client.close()
            except BaseException:
                client.close()
                raise
        return await begun(server, timeout, begin)

    def keep(self, client: aiosmtplib.SMTP) -> None:
        """For so many seconds."""
        loop = asyncio.get_running_loop()
        self._clients[client] = loop.call_later(self._seconds, self._close, client)

    def close(self) -> None:
        for client in list(self._clients):
            self._close(client)

    def _close(self, client: aiosmtplib.SMTP) -> None:
        self._clients.pop(client).cancel()
        client.close()


async def begun(server: Server, timeout: float, begin: Begin) -> aiosmtplib.SMTP:
    """A new connection on which a mail has begun."""
    client = await connect(server, timeout)
    try:
        await begin(client)
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()
        raise before(error, server) from error
    except BaseException:
        client.close()
        raise
    return client


async def command(client: aiosmtplib.SMTP, verb: bytes, timeout: float) -> SMTPResponse:
    protocol = client.protocol
    if protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    return await protocol.execute_command(verb, timeout=timeout)


def before(error: BaseException, server: Server) -> ChannelError:
    """A failure before the message was given: it has certainly not left."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return TemporaryFailure(server.unreachable(cause))
        cause = cause.__cause__
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0:
        detail = told(error.code, error.message)
        return TemporaryFailure(Reason("server_error", {"detail": detail}), refusals.wait(detail))
    if isinstance(error, aiosmtplib.SMTPResponseException):
        # To what is no answer of SMTP the library gives the code -1.
        return TemporaryFailure(Reason("smtp_not_spoken", {"host": server.place}))
    return TemporaryFailure(server.unreachable(error.__cause__ or error))


def told(code: int, message: str) -> str:
    return f"{code} {' '.join(message.split())}"[:300]
