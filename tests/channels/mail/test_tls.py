"""TLS is verified always, and what is wrong with it is said in a person's words."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.mail.account import MailAccount
from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from tests.servers.certificates import Authority, Certificate
from tests.servers.dovecot import PASSWORD, Dovecot, run_dovecot, why_missing
from tests.servers.required import missing
from tests.servers.smtp import run_smtp

MakeAccount = Callable[..., MailAccount]
MAIL = Outgoing(
    chat_key=None,
    to=(Party("maria@example.org"),),
    text="Hello",
    created_at=datetime(2026, 11, 2, tzinfo=UTC),
    source_id="<c1.n.abc@example.com>",
)


@pytest.fixture(scope="module")
def good(authority: Authority) -> Certificate:
    return authority.sign("good")


@pytest.fixture(scope="module")
def secure_dovecot(good: Certificate) -> Iterator[Dovecot]:
    reason = why_missing()
    if reason is not None:
        missing(reason)
    with run_dovecot(good) as server:
        yield server


@pytest.fixture(autouse=True)
def _trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.trusted))


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
async def test_imap_over_tls(secure_dovecot: Dovecot, make_account: MakeAccount, tls: str) -> None:
    port = secure_dovecot.imaps_port if tls == "ssl" else secure_dovecot.imap_port
    mailbox = secure_dovecot.user()
    imap = {"host": "localhost", "port": port, "tls": tls}
    imap |= {"username": mailbox.username, "password": PASSWORD}
    account = make_account(imap=imap, first_sync="all")
    mailbox.deliver(b"Subject: secure\r\n\r\nx\r\n" * 1)
    async for batch in account.receive(None):
        if batch.items:
            assert batch.items[0].raw.endswith(b"x\r\n")
            break
    assert all(finding.ok for finding in await account.probe())


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
async def test_smtp_over_tls(good: Certificate, make_account: MakeAccount, tls: str) -> None:
    context = good.context()
    with (
        run_smtp(password="right", tls=context)
        if tls == "ssl"
        else run_smtp(password="right", starttls=context)
    ) as server:
        smtp = {"host": "localhost", "port": server.port, "tls": tls}
        account = make_account(smtp=smtp | {"username": "anna", "password": "right"})
        await account.send(MAIL, _nothing)
        assert [mail.recipients for mail in server.taken] == [("maria@example.org",)]
        assert server.signed_in == ["anna"]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("name", "certificate is not valid for '127.0.0.1'"),
        ("expired", "certificate has expired"),
        ("self", "self-signed certificate"),
        ("plain", "there is no TLS at localhost"),
    ],
)
@pytest.mark.parametrize("kind", ["imap", "smtp"])
async def test_what_is_wrong_is_said(
    authority: Authority,
    good: Certificate,
    make_account: MakeAccount,
    kind: str,
    trouble: str,
    said: str,
) -> None:
    certificate = good
    if trouble == "expired":
        certificate = authority.sign("expired", days=-1)
    elif trouble == "self":
        certificate = authority.self_signed()
    async with listening(certificate if trouble != "plain" else None) as port:
        server: dict[str, Any] = {"port": port, "tls": "ssl", "host": "localhost"}
        if trouble == "name":
            server["host"] = "127.0.0.1"
        if kind == "imap":
            server |= {"username": "u", "password": "p"}
        account = make_account(**{kind: server})
        reached, finding = await account.probe()
        assert reached.ok
        assert finding.reason is not None
        assert finding.reason.kind == ("tls_not_spoken" if trouble == "plain" else "tls_failed")
        assert said in finding.reason.sentence()
        assert server["host"] in finding.reason.sentence()


async def test_nothing_is_sent_in_the_clear_where_starttls_is_not_offered(
    make_account: MakeAccount,
) -> None:
    with run_smtp(password="right") as server:
        smtp = {"host": "localhost", "port": server.port, "tls": "starttls"}
        account = make_account(smtp=smtp | {"username": "anna", "password": "right"})
        with pytest.raises(TemporaryFailure) as failure:
            await account.send(MAIL, _nothing)
        assert failure.value.reason.kind == "tls_failed"
        assert server.signed_in == []


@pytest.mark.parametrize(
    ("said", "signs_in"),
    [
        (b"", True),
        (b"* CAPABILITY IMAP4rev1\r\n", False),
        (b"* PREAUTH hello\r\n", False),
        (b"AAAA9 OK done\r\n", False),
        (b"* OK half a li", False),
    ],
)
async def test_what_comes_before_tls_is_nobodys(
    good: Certificate, make_account: MakeAccount, said: bytes, signs_in: bool
) -> None:
    """Somebody in the middle adds to the server's last words in the clear (RFC 9051, 11.1)."""
    got: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hello\r\n")
        while line := (await reader.readline()).decode().split():
            got.append(line[1])
            if line[1] == "CAPABILITY":
                writer.write(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n")
            writer.write(f"{line[0]} {'NO' if line[1] == 'LOGIN' else 'OK'} done\r\n".encode())
            if line[1] == "STARTTLS":
                writer.write(said)
                try:
                    await writer.start_tls(good.context())
                except OSError:
                    break
        writer.close()

    server = await asyncio.start_server(serve, "localhost", 0)
    async with server:
        imap = {"host": "localhost", "port": server.sockets[0].getsockname()[1]}
        imap |= {"tls": "starttls", "username": "anna", "password": "right"}
        assert not all(finding.ok for finding in await make_account(imap=imap).probe())
    assert ("LOGIN" in got) == signs_in


@asynccontextmanager
async def listening(certificate: Certificate | None) -> AsyncIterator[int]:
    """A server that greets, with this certificate or in the clear; its port."""

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hello\r\n220 hello\r\n")
        writer.close()

    context = certificate.context() if certificate is not None else None
    server = await asyncio.start_server(greet, "localhost", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _nothing(_turned_away: object = None, /) -> None:
    """Nothing to write down before the mail leaves."""
