"""Trying an account for ``doctor``: host, port, TLS, password and folders told apart, with times.

A server that does not answer, or a password that cannot be read, ends the look at that server.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pfinbox.channels.mail.imap.session import connecting
from pfinbox.channels.mail.imap.session.refused import FolderRefused
from pfinbox.channels.mail.server import Server
from pfinbox.channels.mail.smtp import connection
from pfinbox.domain.contract.channel import ChannelError, Finding
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import ConfigError
from pfinbox.i18n import _

T = TypeVar("T")

_SECONDS = 10.0
# A program that prints the password may ask somebody.
_PATIENCE = 50.0

# At which step a connection failed; whatever else goes wrong does so at the last one.
_FAILS_AT = {
    "connection_failed": "connection",
    "tls_failed": "tls",
    "tls_not_spoken": "tls",
    "auth_failed": "sign_in",
}


class Laps:
    """Seconds since the step before."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def lap(self) -> float:
        now = time.monotonic()
        self._at, seconds = now, now - self._at
        return seconds


async def probe_imap(server: Server, folders: tuple[str, ...]) -> list[Finding]:
    subject = f"IMAP {server.place}"
    laps = Laps()
    findings, session = await _reached(subject, server, laps, connecting.connect)
    if session is None:
        return findings
    try:
        for folder in folders:
            place = _("{server}, folder {name}").format(server=subject, name=folder)
            try:
                await session.open(folder)
            except FolderRefused as error:
                findings.append(Finding(False, place, error.reason, laps.lap()))
                continue
            except ChannelError as error:
                findings.append(Finding(False, place, error.reason, laps.lap()))
                break  # the session is over
            findings.append(Finding(True, place, None, laps.lap()))
    finally:
        await session.close()
    return findings


async def probe_smtp(server: Server) -> list[Finding]:
    subject = f"SMTP {server.place}"
    findings, client = await _reached(subject, server, Laps(), connection.connect)
    if client is not None:
        client.close()
    return findings


async def _reached(
    subject: str,
    server: Server,
    laps: Laps,
    connect: Callable[[Server, float, Callable[[], None]], Awaitable[T]],
) -> tuple[list[Finding], T | None]:
    """Connection, TLS and sign-in as far as they came, and what is open then."""
    words = {"connection": _("{server}, connection")}
    if server.tls != "none":
        words["tls"] = _("{server}, TLS certificate")
    if server.username:
        words["sign_in"] = _("{server}, sign-in")
    places = {step: sentence.format(server=subject) for step, sentence in words.items()}
    took: dict[str, float] = {}
    made: T | None = None
    failed: Reason | None = None
    try:
        async with asyncio.timeout(_PATIENCE):
            # Once without a word said: how far away the server is, whatever the password does.
            await _answers(server)
            took["connection"] = laps.lap()
            made = await connect(server, _SECONDS, lambda: took.update(tls=laps.lap()))
    except ChannelError as error:
        failed = error.reason
    except ConfigError as error:
        failed = Reason("secret_unreadable", {"detail": str(error)})
    except OSError as error:  # also what takes too long
        failed = server.unreachable(error)
    last = list(places)[-1]
    failed_at = _FAILS_AT.get(failed.kind, last) if failed is not None else ""
    findings: list[Finding] = []
    for step, place in places.items():
        if failed is not None and step == (failed_at if failed_at in places else last):
            return [*findings, Finding(False, place, failed, laps.lap())], None
        seconds = took.get(step) if step != last or step in took else laps.lap()
        findings.append(Finding(True, place, None, seconds))
    return findings, made


async def _answers(server: Server) -> None:
    async with asyncio.timeout(_SECONDS):
        _reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
