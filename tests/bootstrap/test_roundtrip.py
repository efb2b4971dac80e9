"""A mail of an account to itself: each half says what became of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from pfinbox.bootstrap.doctor import Diagnosis
from pfinbox.bootstrap.roundtrip import there_and_back
from pfinbox.channels.mail import SPEC
from pfinbox.domain.contract.channel import AccountContext, Channel
from tests.channels.mail.conftest import KEY, settings
from tests.servers.dovecot import PASSWORD, Mailbox
from tests.servers.smtp import SmtpServer


@pytest.fixture
async def channel(mailbox: Mailbox, smtp_server: SmtpServer) -> AsyncIterator[Channel]:
    imap = {"host": mailbox.host, "port": mailbox.port, "tls": "none"}
    imap |= {"username": mailbox.username, "password": PASSWORD}
    smtp = {"host": smtp_server.host, "port": smtp_server.port, "tls": "none"}
    values = settings(address=mailbox.address, imap=imap, smtp=smtp)
    opened = SPEC.open(AccountContext("mail", values, KEY))
    yield opened
    await opened.close()


async def tried(channel: Channel, mailbox: Mailbox) -> list[Diagnosis]:
    now = datetime.now(UTC)
    found = there_and_back(channel, mailbox.address, now, patience=0.4)
    return [one async for one in found]


async def test_what_was_refused_has_not_been_sent(
    channel: Channel, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse(mailbox.address, "550 5.7.1 not for you")
    (sent,) = await tried(channel, mailbox)
    assert sent.problem is not None
    assert "550 5.7.1 not for you" in sent.problem
    assert not smtp_server.taken


async def test_a_mail_that_goes_astray_is_told_after_a_while(
    channel: Channel, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    sent, arrived = await tried(channel, mailbox)
    assert sent.problem is None
    assert arrived.problem is not None
    assert "may still come" in arrived.problem
    mail = smtp_server.taken[0].content
    assert b"Auto-Submitted: auto-generated" in mail
    # Another one's arrival is not this one's.
    mailbox.deliver(mail)
    assert (await tried(channel, mailbox))[-1].problem is not None
