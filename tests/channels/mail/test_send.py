"""Sending to a real SMTP server: what was refused, what failed, and what nobody can know (R24)."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

import pytest

from pfinbox.channels.mail.account import MailAccount
from pfinbox.channels.mail.server import Server
from pfinbox.channels.mail.smtp import client, connection
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.settings import Secret
from tests.channels.mail.letters import letter, read
from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox, free_port
from tests.servers.smtp import SmtpServer, run_smtp

MakeAccount = Callable[..., MailAccount]
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
MARIA = Party("maria@example.org", "Maria")
PIOTR = Party("piotr@example.org", "Piotr")


def outgoing(**more: Any) -> Outgoing:
    given: dict[str, Any] = {
        "chat_key": None,
        "to": (MARIA,),
        "text": "Hello",
        "created_at": NOW,
        "subject": "Re: Question",
        "source_id": "<c1.n.abc@example.com>",
    }
    return Outgoing(**(given | more))


class Marks:
    """Counts how often the message was about to be handed over."""

    def __init__(self) -> None:
        self.count = 0
        self.turned_away: dict[str, ChannelError] = {}

    async def __call__(self, turned_away: Mapping[str, ChannelError] | None = None, /) -> None:
        self.count += 1
        self.turned_away |= turned_away or {}


def reach(server: SmtpServer, **more: Any) -> dict[str, Any]:
    return {"host": server.host, "port": server.port, "tls": "none"} | more


async def test_r15_a_mail_goes_out_with_its_envelope_and_its_fixed_message_id(
    smtp_server: SmtpServer, make_account: MakeAccount
) -> None:
    account, marks = make_account(smtp=reach(smtp_server)), Marks()
    sent = await account.send(outgoing(cc=(PIOTR,)), marks)
    (taken,) = smtp_server.taken
    assert taken.sender == "support@example.com"
    assert taken.recipients == ("maria@example.org", "piotr@example.org")
    assert b"Message-ID: <c1.n.abc@example.com>\r\n" in taken.content
    assert sent.source_id == "<c1.n.abc@example.com>"
    assert marks.turned_away == {}
    assert marks.count == 1


async def test_r22_a_notice_has_an_answer_address_of_its_own_and_an_acknowledgement_no_sender(
    smtp_server: SmtpServer, make_account: MakeAccount
) -> None:
    notice = outgoing(source_id=None, answer_token="n7-3-c-ht5j0", reply_token="c1", automatic=True)
    account = make_account(smtp=reach(smtp_server))
    await account.send(notice, Marks())
    mail = message_from_bytes(smtp_server.taken[0].content)
    address = mail["Reply-To"].rpartition("<")[2].rstrip(">")
    assert address.startswith("support+n7-3-c-ht5j0.")
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    # Bounces of notices come back; nothing of the address travels on in an id.
    assert smtp_server.taken[0].sender == "support@example.com"
    assert "n7-3" not in mail["Message-ID"]
    assert read(letter(To=address.upper())).tokens == ("n7-3-c-ht5j0",)
    forged = address.replace("n7-3-c", "n8-3-c")
    assert read(letter(To=forged)).tokens == ()
    await account.send(outgoing(automatic=True, no_bounce=True, in_reply_to="<q@x>"), Marks())
    assert smtp_server.taken[1].sender == "<>"
    assert message_from_bytes(smtp_server.taken[1].content)["Auto-Submitted"] == "auto-replied"
    plain = make_account(smtp=reach(smtp_server), plus_addresses=False)
    await plain.send(notice, Marks())
    assert message_from_bytes(smtp_server.taken[2].content)["Reply-To"] is None


@pytest.mark.parametrize(
    ("verb", "answer", "error", "marked"),
    [
        ("mail", "451 4.3.0 later", TemporaryFailure, 0),
        ("mail", "550 5.7.1 not you", PermanentFailure, 0),
        ("rcpt", "450 4.2.1 greylisted", TemporaryFailure, 0),
        ("rcpt", "550 5.1.1 no such user", PermanentFailure, 0),
        ("data", "451 4.3.0 later", TemporaryFailure, 0),
        ("data", "554 5.7.1 no", PermanentFailure, 0),
        ("body", "552 5.3.4 too large", PermanentFailure, 0),
        ("body", "421 4.4.2 shutting down", TemporaryFailure, 0),
        ("dot", "452 4.3.1 disk full", TemporaryFailure, 1),
        ("dot", "554 5.6.0 looks like spam", PermanentFailure, 1),
    ],
)
async def test_r24_an_answer_says_whether_to_try_again(
    smtp_server: SmtpServer,
    make_account: MakeAccount,
    verb: str,
    answer: str,
    error: type[ChannelError],
    marked: int,
) -> None:
    account, marks = make_account(smtp=reach(smtp_server)), Marks()
    smtp_server.fail(verb, answer)
    with pytest.raises(error) as failure:
        await account.send(outgoing(text="long " * (500_000 if verb == "body" else 1)), marks)
    assert answer[:3] in failure.value.reason.sentence()
    assert marks.count == marked
    assert smtp_server.taken == []


@pytest.mark.parametrize("verb", ["connect", "ehlo", "mail", "rcpt", "data", "body"])
async def test_r24_a_connection_lost_before_the_message_is_tried_again(
    smtp_server: SmtpServer, make_account: MakeAccount, verb: str
) -> None:
    account, marks = make_account(smtp=reach(smtp_server)), Marks()
    smtp_server.drop(verb)
    with pytest.raises(TemporaryFailure):
        await account.send(outgoing(text="long " * (500_000 if verb == "body" else 1)), marks)
    assert marks.count == 0


@pytest.mark.parametrize("verb", ["mail", "rcpt", "data"])
async def test_r24_what_is_no_answer_turns_nothing_away(
    smtp_server: SmtpServer, make_account: MakeAccount, verb: str
) -> None:
    account, marks = make_account(smtp=reach(smtp_server)), Marks()
    smtp_server.fail(verb, "HTTP/1.1 400 Bad Request")
    with pytest.raises(TemporaryFailure) as failure:
        await account.send(outgoing(), marks)
    # Said of the server, in words, and without what it said.
    assert failure.value.reason.kind == "smtp_not_spoken"
    assert failure.value.unreachable
    assert marks.count == 0


async def test_r24_a_server_that_goes_before_the_dot_has_nothing(
    smtp_server: SmtpServer, make_account: MakeAccount
) -> None:
    """R24: the whole message is out, its dot waits for our commit, and the server goes away."""
    account = make_account(smtp=reach(smtp_server))

    async def committing(_turned_away: object = None, /) -> None:
        smtp_server.hang_up()
        for _turn in range(10):  # of the loop, until it knows
            await asyncio.sleep(0)

    with pytest.raises(TemporaryFailure):
        await account.send(outgoing(text="long " * 100_000), committing)
    assert smtp_server.taken == []

    async def refused(_turned_away: object = None, /) -> None:
        raise PermanentFailure(Reason("outcome_unknown", {"detail": "our own store"}))

    with pytest.raises(PermanentFailure):
        await account.send(outgoing(), refused)
    assert smtp_server.taken == []
    await account.send(outgoing(text="long " * 100_000), Marks())
    (taken,) = smtp_server.taken
    assert taken.content.endswith(b"--\r\n")


async def test_r24_what_a_slow_line_has_not_taken_yet_is_not_handed_over() -> None:
    """R24: it would go out of this machine's own buffers, whatever becomes of the program."""
    marks = Marks()
    before: list[int] = []
    serving: list[asyncio.Task[Any] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        writer.write(b"220 mail.test\r\n")
        while (line := await reader.readline()) and line != b"DATA\r\n":
            writer.write(b"250 OK\r\n")
        writer.write(b"354 go on\r\n")
        for _turn in range(100):  # of the loop: it takes nothing for a while
            await asyncio.sleep(0)
        before.append(marks.count)
        while await reader.readline() not in (b"", b".\r\n"):
            pass
        writer.write(b"250 taken\r\n")
        await reader.read()
        writer.close()

    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listening.bind(("127.0.0.1", 0))
    async with await asyncio.start_server(serve, sock=listening, limit=2048):
        server = Server("127.0.0.1", listening.getsockname()[1], "none", None, None, "password")
        mail = b"x: y\r\n\r\n" + b"words and more words\r\n" * 1500
        await client.hand_over(server, "a@example.com", ["b@example.com"], mail, marks)
        await asyncio.gather(*(task for task in serving if task is not None))
    assert (before, marks.count) == ([0], 1)


async def test_r24_a_connection_lost_after_the_message_leaves_its_fate_unknown(
    smtp_server: SmtpServer, make_account: MakeAccount
) -> None:
    account, marks = make_account(smtp=reach(smtp_server)), Marks()
    smtp_server.drop("dot")
    with pytest.raises(UnknownOutcome) as failure:
        await account.send(outgoing(), marks)
    assert failure.value.reason.kind == "outcome_unknown"
    assert marks.count == 1
    assert len(smtp_server.taken) == 1


async def test_r24_nothing_listens() -> None:
    server = Server("127.0.0.1", free_port(), "none", None, None, "password")
    with pytest.raises(TemporaryFailure) as failure:
        await connection.connect(server)
    assert failure.value.reason.kind == "connection_failed"


async def test_r24_a_silent_server_after_the_dot_is_unknown(smtp_server: SmtpServer) -> None:
    server = Server("127.0.0.1", smtp_server.port, "none", None, None, "password")
    smtp_server.answers["dot"] = "250-and then nothing"
    with pytest.raises(UnknownOutcome):
        await client.hand_over(
            server, "a@example.com", ["b@example.com"], b"x: y\r\n\r\nz", Marks(), after_dot=0.2
        )


async def test_r45_recipients_are_refused_one_by_one(
    smtp_server: SmtpServer, make_account: MakeAccount
) -> None:
    account = make_account(smtp=reach(smtp_server))
    smtp_server.refuse("piotr@example.org", "550 5.1.1 unknown")
    marks = Marks()
    await account.send(outgoing(to=(MARIA, PIOTR)), marks)
    # Known before the mail can have left: whatever comes then, he has it not.
    assert {address: why.reason.kind for address, why in marks.turned_away.items()} == {
        "piotr@example.org": "address_unknown"
    }
    assert smtp_server.taken[0].recipients == ("maria@example.org",)


async def test_r25_the_servers_own_size_limit_is_known_before_sending(
    make_account: MakeAccount,
) -> None:
    with run_smtp(size_limit=1000) as server:
        account, marks = make_account(smtp=reach(server)), Marks()
        with pytest.raises(PermanentFailure) as failure:
            await account.send(outgoing(text="long " * 1000), marks)
        assert failure.value.reason.kind == "file_too_large"
        assert marks.count == 0


async def test_sign_in_right_and_wrong(make_account: MakeAccount) -> None:
    with run_smtp(password="right") as server:
        good = make_account(smtp=reach(server, username="anna", password="right"))
        await good.send(outgoing(), Marks())
        assert server.signed_in == ["anna"]
        bad = make_account(smtp=reach(server, username="anna", password="wrong"))
        with pytest.raises(AccountFailure) as failure:
            await bad.send(outgoing(), Marks())
        assert failure.value.reason.kind == "auth_failed"
        assert "wrong" not in str(failure.value)


async def test_dots_and_bare_line_ends_arrive_as_written(
    smtp_server: SmtpServer, make_account: MakeAccount
) -> None:
    account = make_account(smtp=reach(smtp_server))
    await account.send(outgoing(text=".\n..two\n.three\rfour"), Marks())
    content = smtp_server.taken[0].content
    assert b"\r\n.\r\n..two\r\n.three\r\nfour\r\n" in content


async def test_r43_a_copy_is_kept_in_the_folder_of_sent_mail(
    smtp_server: SmtpServer, mailbox: Mailbox, make_account: MakeAccount
) -> None:
    account = make_account(
        smtp=reach(smtp_server),
        imap={
            "host": mailbox.host,
            "port": mailbox.port,
            "tls": "none",
            "username": mailbox.username,
            "password": PASSWORD,
        },
    )
    for number in range(3):
        await account.send(outgoing(source_id=f"<c1.n.{number}@example.com>"), Marks())
    await account.close()
    copies = mailbox.mails("Sent")
    assert len(copies) == 3
    assert all(f"<c1.n.{n}@example.com>".encode() in copy for n, copy in enumerate(copies))


@pytest.mark.parametrize(("folder", "why"), [("Gone", "TRYCREATE"), ("Sent", "OVERQUOTA")])
async def test_r43_a_copy_that_cannot_be_kept_changes_nothing_of_the_outcome(
    smtp_server: SmtpServer,
    dovecot: Dovecot,
    make_account: MakeAccount,
    caplog: pytest.LogCaptureFixture,
    folder: str,
    why: str,
) -> None:
    """No such folder, over quota: the mail has left all the same."""
    user = dovecot.user(full=folder == "Sent")
    imap = {"host": user.host, "port": user.port, "tls": "none"}
    imap |= {"username": user.username, "password": PASSWORD}
    account = make_account(smtp=reach(smtp_server), imap=imap, sent_folder=folder)
    sent = await account.send(outgoing(), Marks())
    await account.close()
    assert sent.source_id == "<c1.n.abc@example.com>"
    assert "no copy of 1 sent mails was kept: the server answered: APPEND" in caplog.text
    assert why in caplog.text


async def test_r24_r45_a_full_mailbox_is_told_apart_for_now_and_for_good(
    smtp_server: SmtpServer, make_account: MakeAccount
) -> None:
    anna, ivan = Party("anna@example.org"), Party("ivan@example.org")
    account = make_account(smtp=reach(smtp_server))
    smtp_server.refuse(PIOTR.value, "552 5.2.2 Mailbox full")
    smtp_server.refuse(anna.value, "452 4.2.2 Over quota, retry in 10 minutes")
    # So servers from before RFC 5321 say that the rest has to come later.
    smtp_server.refuse(ivan.value, "552 5.5.3 Too many recipients")
    marks = Marks()
    await account.send(outgoing(to=(MARIA, PIOTR, anna, ivan)), marks)
    for later, kinds in (
        (False, {PIOTR.value: "mailbox_full"}),
        (True, {anna.value: "mailbox_full", ivan.value: "server_error"}),
    ):
        assert kinds == {
            to: why.reason.kind
            for to, why in marks.turned_away.items()
            if isinstance(why, TemporaryFailure) is later
        }
    with pytest.raises(TemporaryFailure, match=r"the mailbox of anna@example\.org is full") as why:
        await account.send(outgoing(to=(anna,)), Marks())
    assert why.value.retry_after == 600
    with pytest.raises(PermanentFailure, match=r"the mailbox of piotr@example\.org is full"):
        await account.send(outgoing(to=(PIOTR,)), Marks())


async def test_probe_tells_what_is_wrong(
    smtp_server: SmtpServer, mailbox: Mailbox, make_account: MakeAccount
) -> None:
    imap = {"host": mailbox.host, "port": mailbox.port, "tls": "none", "username": mailbox.username}
    cases: list[tuple[dict[str, Any], str | None]] = [
        (imap | {"password": PASSWORD}, None),
        (imap | {"password": "wrong"}, "auth_failed"),
        (imap | {"password": PASSWORD, "port": free_port()}, "connection_failed"),
        (imap | {"password": PASSWORD, "tls": "ssl"}, "tls_not_spoken"),
        (imap | {"password": PASSWORD, "tls": "starttls"}, "tls_failed"),
        (
            imap | {"password": PASSWORD, "host": "nowhere.invalid", "tls": "ssl"},
            "connection_failed",
        ),
    ]
    for given, wrong in cases:
        findings = await make_account(imap=given).probe()
        kinds = [finding.reason.kind for finding in findings if finding.reason is not None]
        assert kinds == ([wrong] if wrong else []), given
    # A folder that is gone is told, and so are the others.
    folders = ["INBOX", "Gone", "Sent"]
    given = imap | {"password": PASSWORD, "folders": folders}
    findings = await make_account(imap=given).probe()
    assert [(finding.ok, finding.subject.rpartition(", ")[2]) for finding in findings] == [
        (True, "connection"),
        (True, "sign-in"),
        (True, "folder INBOX"),
        (False, "folder Gone"),
        (True, "folder Sent"),
    ]
    for given, wrong in [
        (reach(smtp_server), None),
        (reach(smtp_server, tls="ssl"), "tls_not_spoken"),
        (reach(smtp_server, tls="starttls"), "tls_failed"),
        (reach(smtp_server, username="a", password="b"), "auth_failed"),
    ]:
        findings = await make_account(smtp=given).probe()
        kinds = [finding.reason.kind for finding in findings if finding.reason is not None]
        assert kinds == ([wrong] if wrong else []), given


async def test_the_accounts_own_name_and_signature(
    smtp_server: SmtpServer, make_account: MakeAccount
) -> None:
    signature = "{agent}\n*Example Ltd*\n"
    account = make_account(smtp=reach(smtp_server), name="Example Support", signature=signature)
    given = outgoing(sender_name="Anna", quote_text="Why?", quote_author="Maria")
    await account.send(given, Marks())
    mail = message_from_bytes(smtp_server.taken[0].content)
    assert " ".join(mail["From"].split()) == '"Anna, Example Support" <support@example.com>'
    plain, html = (str(one.get_payload()) for one in mail.walk() if not one.is_multipart())
    assert "Hello\r\n\r\n-- \r\nAnna\r\n*Example Ltd*\r\n\r\n" in plain
    assert plain.rstrip().endswith("> Why?")
    assert "<em>Example Ltd</em>" in html
    # A program's mail is signed by nobody.
    await account.send(outgoing(automatic=True), Marks())
    assert b"Example Ltd" not in smtp_server.taken[1].content


async def test_a_burst_goes_over_one_connection(
    smtp_server: SmtpServer, make_account: MakeAccount
) -> None:
    account = make_account(smtp=reach(smtp_server))
    for _mail in range(3):
        await account.send(outgoing(), Marks())
    assert (len(smtp_server.taken), smtp_server.connections) == (3, 1)
    # What went wrong leaves no connection in an unknown state behind.
    smtp_server.fail("rcpt", "451 4.3.0 later")
    with pytest.raises(TemporaryFailure):
        await account.send(outgoing(), Marks())
    smtp_server.heal()
    await account.send(outgoing(), Marks())
    assert smtp_server.connections == 2
    # The server has gone meanwhile: found before anything is handed over.
    smtp_server.hang_up()
    marks = Marks()
    await account.send(outgoing(), marks)
    assert (marks.count, len(smtp_server.taken), smtp_server.connections) == (1, 5, 3)


async def test_addresses_in_other_alphabets_need_a_server_that_takes_them(
    smtp_server: SmtpServer, make_account: MakeAccount
) -> None:
    account = make_account(smtp=reach(smtp_server))
    anna = Party("анна@xn--e1afmkfd.xn--p1ai", "Анна")
    await account.send(outgoing(to=(anna,)), Marks())
    assert smtp_server.taken[0].recipients == (anna.value,)
    assert "SMTPUTF8" in smtp_server.taken[0].options
    assert anna.value.encode() in smtp_server.taken[0].content
    with run_smtp(utf8=False) as old, pytest.raises(PermanentFailure, match="SMTPUTF8"):
        await make_account(smtp=reach(old)).send(outgoing(to=(anna,)), Marks())


def test_a_secret_never_shows() -> None:
    server = Server("h", 1, "none", "u", Secret("s3cret"), "password")
    assert "s3cret" not in repr(server)
