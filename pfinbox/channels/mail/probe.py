"""Trying an account for ``doctor``: host, port, TLS and password told apart."""

from pfinbox.channels.mail.imap.session import connecting
from pfinbox.channels.mail.imap.session.refused import FolderRefused
from pfinbox.channels.mail.server import Server
from pfinbox.channels.mail.smtp import connection
from pfinbox.domain.contract.channel import ChannelError, Finding
from pfinbox.domain.contract.reason import Reason
from pfinbox.i18n import _

_SECONDS = 10.0

# At which step a connection failed; whatever else goes wrong does so at the last one.
_FAILS_AT = {
    "connection_failed": "connection",
    "tls_failed": "tls",
    "tls_not_spoken": "tls",
    "auth_failed": "sign_in",
}


async def probe_imap(server: Server, folders: tuple[str, ...]) -> list[Finding]:
    subject = f"IMAP {server.place}"
    try:
        session = await connecting.connect(server, _SECONDS)
    except ChannelError as error:
        return _steps(subject, server, error.reason)
    findings = _steps(subject, server)
    try:
        for folder in folders:
            place = _("{server}, folder {name}").format(server=subject, name=folder)
            try:
                await session.open(folder)
            except FolderRefused as error:
                findings.append(Finding(False, place, error.reason))
                continue
            except ChannelError as error:
                findings.append(Finding(False, place, error.reason))
                break  # the session is over
            findings.append(Finding(True, place))
    finally:
        await session.close()
    return findings


async def probe_smtp(server: Server) -> list[Finding]:
    subject = f"SMTP {server.place}"
    try:
        client = await connection.connect(server, _SECONDS)
    except ChannelError as error:
        return _steps(subject, server, error.reason)
    client.close()
    return _steps(subject, server)


def _steps(subject: str, server: Server, failed: Reason | None = None) -> list[Finding]:
    """Connection, TLS and sign-in, as far as they came: what is before the failure has worked."""
    words = {"connection": _("{server}, connection")}
    if server.tls != "none":
        words["tls"] = _("{server}, TLS certificate")
    if server.username:
        words["sign_in"] = _("{server}, sign-in")
    last = list(words)[-1]
    failed_at = _FAILS_AT.get(failed.kind, last) if failed is not None else ""
    findings: list[Finding] = []
    for step, sentence in words.items():
        place = sentence.format(server=subject)
        if failed is not None and step == (failed_at if failed_at in words else last):
            return [*findings, Finding(False, place, failed)]
        findings.append(Finding(True, place))
    return findings
