"""Trying an account for ``doctor``: host, port, TLS and password told apart."""

from pfinbox.channels.mail import imap_connect, smtp_connect
from pfinbox.channels.mail.imap import FolderRefused
from pfinbox.channels.mail.server import Server
from pfinbox.domain.channel import ChannelError, Finding

_SECONDS = 10.0


async def probe_imap(server: Server, folders: tuple[str, ...]) -> list[Finding]:
    subject = f"IMAP {server.place}"
    try:
        session = await imap_connect.connect(server, _SECONDS)
    except ChannelError as error:
        return [Finding(False, subject, error.reason)]
    findings = [Finding(True, subject)]
    try:
        for folder in folders:
            try:
                await session.open(folder)
            except FolderRefused as error:
                findings.append(Finding(False, f"{subject} {folder}", error.reason))
                continue
            except ChannelError as error:
                findings.append(Finding(False, f"{subject} {folder}", error.reason))
                break  # the session is over
            findings.append(Finding(True, f"{subject} {folder}"))
    finally:
        await session.close()
    return findings


async def probe_smtp(server: Server) -> list[Finding]:
    subject = f"SMTP {server.place}"
    try:
        client = await smtp_connect.connect(server, _SECONDS)
    except ChannelError as error:
        return [Finding(False, subject, error.reason)]
    client.close()
    return [Finding(True, subject)]
