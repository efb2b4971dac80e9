"""Handing one mail over by SMTP, with the moment known from which on it may have left.

Verb by verb, because the library's own ``sendmail`` and ``data`` write the message and its final
dot in one piece: they cannot tell a connection that broke before the dot, when no server may keep
the message (RFC 5321 4.1.1.4), from one that broke after it (RFC 1047).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NoReturn, cast

import aiosmtplib
from aiosmtplib import SMTPResponse

from pfinbox.channels.mail.server import Server
from pfinbox.channels.mail.smtp import refusals
from pfinbox.channels.mail.smtp.body import Answer, leave, send_body
from pfinbox.channels.mail.smtp.connection import (
    COMMAND_SECONDS,
    COMPLETED,
    GOING_AWAY,
    Kept,
    before,
    begun,
    command,
    told,
)
from pfinbox.domain.contract.channel import (
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    Transmitting,
    UnknownOutcome,
)
from pfinbox.domain.contract.reason import Reason

# RFC 5321 4.5.3.2.6: a spurious timeout here delivers a message twice.
AFTER_DOT_SECONDS = 600.0
_START_INPUT = 354
_TOO_MANY = re.compile(r"too many recipients", re.IGNORECASE)


async def hand_over(
    server: Server,
    sender: str,
    recipients: list[str],
    mail: bytes,
    transmitting: Transmitting,
    *,
    timeout: float = COMMAND_SECONDS,
    after_dot: float = AFTER_DOT_SECONDS,
    kept: Kept | None = None,
) -> None:
    """When it returns, at least one recipient was accepted and has the mail.

    Who was refused is known, and told to ``transmitting``, before the mail can have left.
    """
    begin = partial(_begin, sender=sender, recipients=recipients, size=len(mail))
    client = await (kept.take(server, timeout, begin) if kept else begun(server, timeout, begin))
    whole = False
    try:
        turned_away = await _recipients(client, server, recipients)
        try:
            response = await command(client, b"DATA", timeout)
            if response.code != _START_INPUT:
                _turn_away(response)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise before(error, server) from error
        await _message(client, server, mail, partial(transmitting, turned_away), after_dot)
        whole = True
    finally:
        if kept and whole:
            kept.keep(client)
        else:
            # Without QUIT: the server has answered, and no reply to QUIT may change the outcome.
            client.close()


async def _begin(client: aiosmtplib.SMTP, *, sender: str, recipients: list[str], size: int) -> None:
    options = []
    limit = client.esmtp_extensions.get("size", "").strip()
    if client.supports_extension("size"):
        options.append(f"SIZE={size}")
        if limit.isdigit() and 0 < int(limit) < size:
            raise PermanentFailure(
                Reason("file_too_large", {"name": "mail", "size": size, "limit": int(limit)})
            )
    if not all(address.isascii() for address in (sender, *recipients)):
        if not client.supports_extension("smtputf8"):
            raise PermanentFailure(Reason("rejected", {"detail": "SMTPUTF8 not offered"}))
        options.append("SMTPUTF8")
    try:
        await client.mail(sender, options=options, encoding="utf-8")
    except aiosmtplib.SMTPResponseException as error:
        _turn_away(SMTPResponse(error.code, error.message))


async def _recipients(
    client: aiosmtplib.SMTP, server: Server, recipients: list[str]
) -> dict[str, ChannelError]:
    """Who was refused; at least one was not."""
    refused: dict[str, ChannelError] = {}
    try:
        for recipient in recipients:
            try:
                await client.rcpt(recipient, encoding="utf-8")
            except aiosmtplib.SMTPResponseException as error:
                if not _refuses(error.code):
                    raise
                refused[recipient] = _refusal(SMTPResponse(error.code, error.message), recipient)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise before(error, server) from error
    if len(refused) == len(recipients):
        later = [why for why in refused.values() if isinstance(why, TemporaryFailure)]
        if not later:
            raise next(iter(refused.values()))
        never = {to: why.reason for to, why in refused.items() if why not in later}
        raise TemporaryFailure(later[0].reason, later[0].retry_after, refused=never)
    return refused


async def _message(
    client: aiosmtplib.SMTP,
    server: Server,
    mail: bytes,
    transmitting: Callable[[], Awaitable[None]],
    after_dot: float,
) -> None:
    """The message, ``transmitting``, the dot: only from the dot on it may have arrived."""
    stuffed = mail.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    dot = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
    protocol = client.protocol
    transport = protocol.transport if protocol is not None else None
    if protocol is None or transport is None:
        raise before(aiosmtplib.SMTPServerDisconnected("Connection lost"), server)
    # Asked from the first byte on: a server may refuse, or say good-bye, in the middle.
    answer = asyncio.create_task(protocol.read_response())
    try:
        try:
            await send_body(protocol, cast("asyncio.WriteTransport", transport), stuffed, answer)
            _not_yet(answer)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise before(error, server) from error
        await transmitting()
        try:
            _not_yet(answer)
            protocol.write(dot)  # refused without a byte written where the connection has ended
        except (aiosmtplib.SMTPException, OSError) as error:
            raise before(error, server) from error
        await _taken(answer, server, after_dot)
    finally:
        leave(answer)


def _not_yet(answer: Answer) -> None:
    """Raises what the server has said, or that it is gone, before it had the whole message."""
    if answer.done():
        _turn_away(answer.result())


async def _taken(answer: Answer, server: Server, after_dot: float) -> None:
    """Only an answer of 4xx or 5xx to the dot says that the message was not taken."""
    try:
        async with asyncio.timeout(after_dot):
            response = await answer
    except (aiosmtplib.SMTPException, OSError) as error:
        raise UnknownOutcome(
            Reason("outcome_unknown", {"host": server.place, "detail": type(error).__name__})
        ) from error
    if response.code == COMPLETED:
        return
    if 400 <= response.code < 600:
        raise _refusal(response)
    raise UnknownOutcome(
        Reason("outcome_unknown", {"detail": told(response.code, response.message)})
    )


def _turn_away(response: SMTPResponse) -> NoReturn:
    """Raises the refusal; what is none is as a connection that broke."""
    if _refuses(response.code):
        raise _refusal(response)
    raise aiosmtplib.SMTPResponseException(response.code, response.message)


def _refuses(code: int) -> bool:
    """Whether the server speaks of the message. It does not in a good-bye, nor in what is no answer
    of SMTP, to which the library gives the code -1.
    """
    return 400 <= code < 600 and code != GOING_AWAY


def _refusal(response: SMTPResponse, recipient: str = "") -> ChannelError:
    """4xx is for now and 5xx for good; with ``recipient`` it is about that one alone."""
    code, detail = response.code, told(response.code, response.message)
    # RFC 5321 4.5.3.1.10: so old servers say "too many recipients", and mean the rest later.
    later = 400 <= code < 500 or (code == 552 and _TOO_MANY.search(detail) is not None)
    if recipient and refusals.is_mailbox_full(code, detail):
        reason = Reason("mailbox_full", {"address": recipient, "detail": detail})
    elif later:
        reason = Reason("server_error", {"detail": detail})
    else:
        unknown = code in (550, 551, 553) and "5.1." in response.message[:12]
        reason = Reason("address_unknown" if unknown else "rejected", {"detail": detail})
    return TemporaryFailure(reason, refusals.wait(detail)) if later else PermanentFailure(reason)
