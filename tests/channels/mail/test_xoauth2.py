"""XOAUTH2 as Gmail and Microsoft 365 speak it: the bytes, the refusal, and a token asked anew."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pfinbox.channels.mail import SPEC
from pfinbox.channels.mail.account import MailAccount
from pfinbox.config.secrets import secret_reader
from pfinbox.domain.contract.channel import AccountContext, AccountFailure, TemporaryFailure
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.settings import check
from tests.servers.scripted_imap import listening

USER = "support@example.com"
FRESH = f"user={USER}\1auth=Bearer fresh\1\1".encode()
REFUSED = b64encode(json.dumps({"status": "401", "schemes": "bearer"}).encode())


class Provider:
    """Speaks just enough IMAP and SMTP to sign in; ``given`` are the tokens that it was shown."""

    def __init__(self, *, initial: bool) -> None:
        self.initial = initial
        self.given: list[bytes] = []

    async def imap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        extra = b" SASL-IR" if self.initial else b""
        writer.write(b"* OK Gimap ready\r\n")
        while line := (await reader.readline()).rstrip():
            tag, verb, *rest = line.split(b" ")
            answer = b"OK done"
            if verb == b"CAPABILITY":
                writer.write(b"* CAPABILITY IMAP4rev1 IDLE AUTH=XOAUTH2" + extra + b"\r\n")
            elif verb == b"AUTHENTICATE":
                assert rest[0] == b"XOAUTH2"
                if self.initial:
                    sasl = rest[1]
                else:
                    writer.write(b"+ \r\n")
                    sasl = (await reader.readline()).rstrip()
                if not self._takes(sasl):
                    writer.write(b"+ " + REFUSED + b"\r\n")
                    assert (await reader.readline()) == b"\r\n"
                    answer = b"NO [AUTHENTICATIONFAILED] Invalid credentials"
            elif verb in (b"EXAMINE", b"LIST"):
                writer.write(b"* OK [UIDVALIDITY 1]\r\n* OK [UIDNEXT 1]\r\n")
            elif verb == b"UID":
                writer.write(b"* SEARCH\r\n")
            writer.write(tag + b" " + answer + b"\r\n")
        writer.close()

    async def smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 smtp.office365.example\r\n")
        answers = {b"EHLO": b"250-there\r\n250 AUTH XOAUTH2", b"DATA": b"354 go on"}
        while line := (await reader.readline()).rstrip():
            verb, *rest = line.split(b" ")
            answer = answers.get(verb, b"250 2.0.0 fine")
            if verb == b"AUTH":
                answer = b"235 2.7.0 Accepted"
                if not self._takes(rest[1]):
                    writer.write(b"334 " + REFUSED + b"\r\n")
                    assert (await reader.readline()) == b"\r\n"
                    answer = b"535 5.7.3 Authentication unsuccessful"
            writer.write(answer + b"\r\n")
            if verb == b"DATA":
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 2.0.0 taken\r\n")
        writer.close()

    def _takes(self, sasl: bytes) -> bool:
        self.given.append(b64decode(sasl, validate=True))
        return self.given[-1] == FRESH


@asynccontextmanager
async def serving(talk: Any) -> AsyncIterator[dict[str, Any]]:
    async with listening(talk) as port:
        yield {"host": "127.0.0.1", "port": port, "tls": "none", "auth": "xoauth2"}


@pytest.fixture
def token(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """A command that prints the token at hand, and from the second time on a renewed one."""

    def command(first: str = "expired", then: str = "fresh") -> dict[str, str]:
        asked, script = tmp_path / "asked", tmp_path / "token.sh"
        script.write_text(f"test -e {asked} && echo {then} || echo {first}\ntouch {asked}\n")
        return {"command": f"sh {script}"}

    return command


def account(**servers: Any) -> MailAccount:
    given = {"address": USER} | servers
    secret = secret_reader("test.toml", Path("/"))
    checked = check(given, SPEC.settings, where="a", source="test.toml", secret=secret)
    made = SPEC.open(AccountContext("mail", checked, b"k" * 32))
    assert isinstance(made, MailAccount)
    return made


@pytest.mark.parametrize("initial", [True, False])
async def test_imap_asks_for_a_token_anew_when_one_was_refused(
    token: Callable[..., dict[str, str]], initial: bool
) -> None:
    provider = Provider(initial=initial)
    async with serving(provider.imap) as where:
        made = account(imap=where | {"username": USER, "password": token()})
        batch = await anext(made.receive(None))
        assert batch.cursor is not None
        await made.close()
    assert provider.given == [FRESH.replace(b"fresh", b"expired"), FRESH]


async def test_smtp_asks_for_a_token_anew_when_one_was_refused(
    token: Callable[..., dict[str, str]],
) -> None:
    provider = Provider(initial=True)
    mail = Outgoing(
        chat_key=None,
        to=(Party("maria@example.org"),),
        text="Hello",
        created_at=datetime(2026, 11, 2, tzinfo=UTC),
    )
    async with serving(provider.smtp) as where:
        made = account(smtp=where | {"username": USER, "password": token()})
        await made.send(mail, _nothing)
        await made.close()
    assert provider.given == [FRESH.replace(b"fresh", b"expired"), FRESH]


async def test_a_token_that_stays_wrong_is_shown_once(token: Callable[..., dict[str, str]]) -> None:
    """No storm: servers lock accounts for that."""
    provider = Provider(initial=True)
    async with serving(provider.imap) as where:
        made = account(imap=where | {"username": USER, "password": token(then="expired")})
        with pytest.raises(AccountFailure) as failure:
            await anext(made.receive(None))
        assert failure.value.reason.kind == "token_refused"
        # What the provider put into its challenge is told, the token is not.
        assert failure.value.reason.args["detail"].endswith("Invalid credentials 401 bearer")
        assert "expired" not in str(failure.value)
        await made.close()
    assert len(provider.given) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        b"NO [UNAVAILABLE] Temporary authentication failure",
        b"NO [ALERT] Too many simultaneous connections. (Failure)",
        b"NO [LIMIT] User is throttled",
    ],
)
async def test_a_busy_provider_is_no_wrong_password(refusal: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).rstrip():
            tag, verb, *_rest = line.split(b" ")
            writer.write(tag + b" " + (refusal if verb == b"LOGIN" else b"OK done") + b"\r\n")
        writer.close()

    async with serving(talk) as where:
        given = where | {"auth": "password", "username": USER, "password": "right"}
        made = account(imap=given)
        with pytest.raises(TemporaryFailure):
            await anext(made.receive(None))
        await made.close()


async def _nothing(_turned_away: object = None, /) -> None:
    """Nothing to write down before the mail leaves."""
