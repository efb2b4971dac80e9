"""Every channel that speaks to a service by HTTP: its token goes to that service alone, by TLS."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import entry_points
from ssl import SSLContext
from typing import Any

import pytest

from pfinbox.domain.contract.channel import AccountContext, Channel, ChannelError, ChannelSpec
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.settings import Secret, Table, check
from pfinbox.errors import ConfigError
from pfinbox.plugins import load_channel
from tests.servers.certificates import Authority

# As each service writes its own, as far as its channel looks at that.
SECRET = "1234567:hunter2AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
SAID = "hunter2"
ADDRESSES = ("api_base", "send_url", "homeserver")
CHANNELS = sorted(one.name for one in entry_points(group="pfinbox.channels"))


def address_of(spec: ChannelSpec) -> str | None:
    """The key that names where the service is."""
    return next((name for name in ADDRESSES if name in spec.settings.keys), None)


SERVED = [name for name in CHANNELS if address_of(load_channel(name)) is not None]


def settings(spec: ChannelSpec, address: str = "https://service.example") -> dict[str, Any]:
    """What a section needs, each secret in it the same."""
    named = address_of(spec)
    given: dict[str, Any] = {named: address} if named is not None else {}
    for name, key in spec.settings.keys.items():
        if isinstance(key, Table) or name == named:
            continue
        # One of two ways to sign in.
        if key.kind == "secret" and not (name == "password" and "access_token" in given):
            given[name] = SECRET
        elif key.required:
            examples = (7,) if key.kind == "int" else ("123456", "@us:service.example")
            given[name] = next(one for one in examples if not (key.check and key.check(one)))
    return check(
        given,
        spec.settings,
        where="accounts.x",
        source="test.toml",
        secret=lambda value, _where: Secret(str(value)),
    )


def opened(name: str, address: str = "https://service.example") -> Channel:
    spec = load_channel(name)
    hook = "https://support.example/hooks/x"
    context = AccountContext("x", settings(spec, address), b"k" * 32, hook_url=hook)
    return spec.open(context)


@asynccontextmanager
async def listening(tls: SSLContext | None, head: str, got: bytearray) -> AsyncIterator[str]:
    """A server that says back all that it is told, in its head and body; its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told = await reader.read(65536)
        got.extend(told)
        words = told.decode("latin-1")
        body = json.dumps({"description": words, "error": {"error_msg": words}, "message": words})
        head_lines = f"HTTP/1.1 {head} {words.partition(chr(13))[0]}\r\nX-Told: {SECRET}\r\n"
        rest = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
        writer.write(f"{head_lines}{rest}".encode())
        writer.close()

    server = await asyncio.start_server(answer, "localhost", 0, ssl=tls)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if tls else 'http'}://localhost:{port}"


async def everything(channel: Channel) -> str:
    """Whatever it says of its troubles: to a person, in a traceback, in a repr."""
    said = [repr(channel)]
    for finding in await channel.probe():
        said += [repr(finding), finding.reason.sentence() if finding.reason is not None else ""]

    async def transmitting(_turned_away: object = None, /) -> None: ...

    at = datetime(2026, 11, 2, tzinfo=UTC)
    part = Outgoing(chat_key="7", to=(Party("7"),), text="Hello", created_at=at, nonce="n")
    try:
        await asyncio.wait_for(channel.send(part, transmitting), 10)
    except ChannelError as error:
        said += [*traceback.format_exception(error), repr(error.reason), error.reason.sentence()]
    receiving = channel.receive(None)
    try:
        await asyncio.wait_for(anext(receiving), 2)
    except (ChannelError, TimeoutError) as error:
        said += traceback.format_exception(error)
    await channel.close()
    return "\n".join(said)


@pytest.mark.parametrize("name", SERVED)
async def test_whoever_is_not_the_service_gets_no_token(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A certificate of another name, or of nobody's: not a byte goes there."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.trusted))
    for tls in (authority.self_signed().context(), authority.sign("expired", days=-1).context()):
        got = bytearray()
        async with listening(tls, "200", got) as address:
            await everything(opened(name, address))
        assert got == b""


@pytest.mark.parametrize("name", SERVED)
async def test_a_service_that_says_the_token_back_does_not_make_it_known(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pfinbox")
    for head in ("200", "401", "429", "500", "302"):
        got = bytearray()
        async with listening(None, head, got) as address:
            said = await everything(opened(name, address))
        assert got, name
        assert SAID not in said, head
        assert SAID not in caplog.text, head


@pytest.mark.parametrize("name", SERVED)
def test_plain_http_is_for_the_house_and_no_address_holds_a_password(name: str) -> None:
    spec = load_channel(name)
    for address in (
        "http://service.example/x", "http://93.184.216.34/", "https://u:p@service.example/",
        "ftp://service.example/", "https:///x", "https://[::1", "javascript:alert(1)",
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=str(address_of(spec))):
            settings(spec, address)
    for address in ("https://service.example", "http://127.0.0.1:8081", "http://telegram-bot-api"):
        assert settings(spec, address)[str(address_of(spec))] == address


@pytest.mark.parametrize("name", [one for one in CHANNELS if "mail" not in one])
def test_what_the_wizard_asks_is_enough_for_an_account(name: str) -> None:
    """Of a mail account the wizard makes tables, which tests of its own look at."""
    spec = load_channel(name)
    setup = spec.setup()
    answers: dict[str, Any] = {}
    for question in (one for page in setup.pages for one in page.questions):
        likely = (question.default, "7", "@us:service.example", "https://service.example")
        fine = [one for one in likely if one and question.problem(one) is None]
        answers[question.name] = SECRET if question.kind == "secret" else fine[0]
    assert setup.title
    check(
        setup.settings(answers),
        spec.settings,
        where=f"accounts.{setup.account(answers)}",
        source="test.toml",
        secret=lambda value, _where: Secret(str(value)),
    )
