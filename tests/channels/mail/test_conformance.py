"""The e-mail channel meets the suite, on a real Dovecot and a real SMTP server."""

from collections.abc import Mapping, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formataddr
from functools import partial
from typing import Any

import pytest

from pfinbox.channels.mail import SPEC
from pfinbox.channels.mail.account import MailAccount
from pfinbox.channels.mail.apart.worker import Worker
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.files import File
from tests.channels.conformance.other_side import MAC_KEY, Got, OtherSide, Trouble
from tests.channels.conformance.suite import Conformance
from tests.channels.mail.conftest import Shared
from tests.servers.dovecot import PASSWORD, Mailbox
from tests.servers.smtp import SmtpServer

MARIA = "maria@client.example"
_REPORT = f"""\
From: Mail Delivery System <MAILER-DAEMON@client.example>
To: {{to}}
Subject: Undelivered Mail Returned to Sender
Message-ID: <report@client.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="parts"

--parts
Content-Type: text/plain

This is the mail system at client.example.

--parts
Content-Type: message/delivery-status

Reporting-MTA: dns; client.example

Final-Recipient: rfc822; {MARIA}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--parts
Content-Type: message/rfc822

"""
_END = b"\n--parts--\n"


class Post(OtherSide):
    """A client who mails; after a trouble the server is well again."""

    spec = SPEC
    troubles = frozenset(
        {Trouble.TOO_MANY, Trouble.REFUSED, Trouble.WRONG_SECRET, Trouble.FAULT, Trouble.CUT}
    )

    def __init__(self, mailbox: Mailbox, smtp: SmtpServer, worker: Worker) -> None:
        self._worker = worker
        self._mailbox = mailbox
        self._smtp = smtp
        self._number = 0
        self._last = b""
        server = {"host": "127.0.0.1", "tls": "none"}
        self.given = {
            "address": mailbox.address,
            "imap": {
                **server,
                "port": mailbox.port,
                "username": mailbox.username,
                "password": PASSWORD,
            },
            "smtp": {**server, "port": smtp.port},
            "first_sync": "all",
        }

    def open(self, **context: Any) -> Channel:
        """With the process that reads for all tests."""
        given = AccountContext("it", self.settings(), MAC_KEY, **context)
        return MailAccount(given, partial(Shared, self._worker))

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        self._number += 1
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = _named(name)
        mail["To"] = self._mailbox.address
        mail["Subject"] = "A question"
        mail["Message-ID"] = f"<{self._number}@client.example>"
        mail.set_content(text)
        for file in files:
            kind, _slash, subtype = file.media_type.partition("/")
            mail.add_attachment(file.content, kind, subtype, filename=file.name)
        self._last = mail.as_bytes()
        self._mailbox.deliver(self._last)
        return str(self._number)

    @property
    def telling(self) -> Mapping[str, Any]:
        return {**self.given, "imap": {**self.given["imap"], "mark_seen": True}}

    async def read(self) -> int:
        return sum("\\Seen" in line for line in self._mailbox.flags())

    async def repeats(self) -> None:
        """Two copies of one mail."""
        self._mailbox.deliver(self._last)

    async def nonsense(self) -> None:
        self._mailbox.deliver(b"\x00\xff:\r\n=?x?q?")

    async def got(self) -> list[Got]:
        found = []
        for taken in self._smtp.taken:
            mail = message_from_bytes(taken.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            body = mail.get_body(("plain",))
            files = tuple(
                (
                    one.get_filename() or "",
                    one.get_content().encode()
                    if isinstance(one.get_content(), str)
                    else one.get_content(),
                )
                for one in mail.iter_attachments()
            )
            found.append(Got(body.get_content() if body is not None else "", files))
        return found

    def trouble(self, trouble: Trouble) -> None:
        match trouble:
            case Trouble.TOO_MANY:
                self._smtp.fail("rcpt", "451 4.7.1 greylisted")
            case Trouble.REFUSED:
                self._smtp.fail("rcpt", "550 5.1.1 no such user")
            case Trouble.WRONG_SECRET:
                self._smtp.fail("mail", "530 5.7.0 authentication required")
            case Trouble.FAULT:
                self._smtp.fail("dot", "451 4.3.0 out of disk")
            case _:
                self._smtp.drop("dot")

    async def reports_failure(self) -> None:
        """The client's server took our last mail, and could not deliver it (RFC 3464)."""
        returned = self._smtp.taken[-1].content.replace(b"\r\n", b"\n")
        self._mailbox.deliver(_REPORT.format(to=self._mailbox.address).encode() + returned + _END)

    def well_again(self) -> None:
        self._smtp.heal()


def _named(name: str) -> str:
    """A name as a hostile program would write it: encoded, so that no header is broken."""
    return formataddr((name, MARIA), "utf-8")


class TestMail(Conformance):
    @pytest.fixture
    async def other_side(
        self, mailbox: Mailbox, smtp_server: SmtpServer, worker: Worker
    ) -> OtherSide:
        return Post(mailbox, smtp_server, worker)
