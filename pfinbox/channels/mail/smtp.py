"""Handing one mail over by SMTP, with the moment known from which on it may have left.

Verb by verb, because the library's own ``sendmail`` cannot tell a connection that broke before
the message was given from one that broke after (RFC 1047).
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

import aiosmtplib
from aiosmtplib import SMTPResponse

from pfinbox.channels.mail.server import Server
from pfinbox.domain.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.reason import Reason

COMMAND_SECONDS = 60.0
# RFC 5321 4.5.3.2.6: a spurious timeout here delivers a message twice.
AFTER_DOT_SECONDS = 600.0
_START_INPUT = 354
_COMPLETED = 250


async def connect(server: Server, timeout: float = COMMAND_SECONDS) -> aiosmtplib.SMTP:
    """A signed-in connection; raises TemporaryFailure or AccountFailure."""
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        timeout=timeout,
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
        if server.username:
            await _sign_in(client, server)
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()
        raise _before(error, server) from error
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
        detail = str(cause)[:200]
        raise TemporaryFailure(
            Reason("tls_failed", {"host": server.place, "detail": detail})
        ) from error
    await client.ehlo()


async def _sign_in(client: aiosmtplib.SMTP, server: Server) -> None:
    password = await asyncio.to_thread(server.password.reveal) if server.password else ""
    username = server.username or ""
    if not client.supports_extension("auth"):
        raise AccountFailure(Reason("auth_failed", {"detail": "AUTH not offered"}))
    try:
        if server.auth == "xoauth2":
            await client.auth_xoauth2(username, password)
        else:
            await client.login(username, password)
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
        raise
    except aiosmtplib.SMTPResponseException as error:
        reason = Reason("auth_failed", {"detail": _told(error.code, error.message)})
        if 400 <= error.code < 500:
            raise TemporaryFailure(reason) from error
        raise AccountFailure(reason) from error
    except aiosmtplib.SMTPException as error:  # no way to sign in that both sides know
        raise AccountFailure(Reason("auth_failed", {"detail": str(error)[:200]})) from error


async def hand_over(
    server: Server,
    sender: str,
    recipients: list[str],
    mail: bytes,
    transmitting: Callable[[], Awaitable[None]],
    *,
    timeout: float = COMMAND_SECONDS,
    after_dot: float = AFTER_DOT_SECONDS,
) -> dict[str, ChannelError]:
    """Who was refused, by address; at least one recipient was accepted and has the mail now.

    A TemporaryFailure there is one to be tried again, for this recipient alone.
    """
    client = await connect(server, timeout)
    try:
        refused = await _envelope(client, server, sender, recipients, mail)
        try:
            response = await _command(client, b"DATA", timeout)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _before(error, server) from error
        if response.code != _START_INPUT:
            raise _refusal(response)
        await transmitting()
        await _content(client, server, mail, after_dot)
    finally:
        # Without QUIT: the server has answered, and no reply to QUIT may change the outcome.
        client.close()
    return refused


async def _envelope(
    client: aiosmtplib.SMTP, server: Server, sender: str, recipients: list[str], mail: bytes
) -> dict[str, ChannelError]:
    options = []
    limit = client.esmtp_extensions.get("size", "").strip()
    if client.supports_extension("size"):
        options.append(f"SIZE={len(mail)}")
        if limit.isdigit() and 0 < int(limit) < len(mail):
            raise PermanentFailure(
                Reason("file_too_large", {"name": "mail", "size": len(mail), "limit": int(limit)})
            )
    encoding = "ascii"
    if not all(address.isascii() for address in (sender, *recipients)):
        if not client.supports_extension("smtputf8"):
            raise PermanentFailure(Reason("rejected", {"detail": "SMTPUTF8 not offered"}))
        options.append("SMTPUTF8")
        encoding = "utf-8"
    refused: dict[str, ChannelError] = {}
    try:
        try:
            await client.mail(sender, options=options, encoding=encoding)
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(SMTPResponse(error.code, error.message)) from error
        for recipient in recipients:
            try:
                await client.rcpt(recipient, encoding=encoding)
            except aiosmtplib.SMTPResponseException as error:
                refused[recipient] = _refusal(SMTPResponse(error.code, error.message))
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _before(error, server) from error
    if len(refused) == len(recipients):
        later = [why for why in refused.values() if isinstance(why, TemporaryFailure)]
        if not later:
            raise next(iter(refused.values()))
        never = {to: why.reason for to, why in refused.items() if why not in later}
        raise TemporaryFailure(later[0].reason, refused=never)
    return refused


async def _command(client: aiosmtplib.SMTP, verb: bytes, timeout: float) -> SMTPResponse:
    protocol = client.protocol
    if protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    return await protocol.execute_command(verb, timeout=timeout)


async def _content(client: aiosmtplib.SMTP, server: Server, mail: bytes, after_dot: float) -> None:
    """The message and its dot; only an answer of 4xx or 5xx says that it was not taken."""
    try:
        protocol = client.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        stuffed = mail.replace(b"\r\n.", b"\r\n..")
        if stuffed.startswith(b"."):
            stuffed = b"." + stuffed
        ending = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
        protocol.write(stuffed + ending)
        response = await protocol.read_response(timeout=after_dot)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise UnknownOutcome(
            Reason("outcome_unknown", {"host": server.place, "detail": type(error).__name__})
        ) from error
    if response.code == _COMPLETED:
        return
    if 400 <= response.code < 600:
        raise _refusal(response)
    raise UnknownOutcome(
        Reason("outcome_unknown", {"detail": _told(response.code, response.message)})
    )


def _refusal(response: SMTPResponse) -> ChannelError:
    detail = _told(response.code, response.message)
    if 400 <= response.code < 500:
        return TemporaryFailure(Reason("server_error", {"detail": detail}))
    unknown = response.code in (550, 551, 553) and "5.1." in response.message[:12]
    return PermanentFailure(
        Reason("address_unknown" if unknown else "rejected", {"detail": detail})
    )


def _before(error: BaseException, server: Server) -> ChannelError:
    """A failure before the message was given: it has certainly not left."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return TemporaryFailure(server.unreachable(cause))
        cause = cause.__cause__
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0:
        detail = _told(error.code, error.message)
        return TemporaryFailure(Reason("server_error", {"detail": detail}))
    return TemporaryFailure(server.unreachable(error.__cause__ or error))


def _told(code: int, message: str) -> str:
    return f"{code} {' '.join(message.split())}"[:300]
