"""The light description: what may be configured, and what typed addresses become."""

import subprocess
import sys

import pytest

from pfinbox.channels.mail import SPEC
from pfinbox.channels.mail.imap.session.mailbox_name import decode, encode
from pfinbox.domain.contract.channel import Capability
from pfinbox.errors import ConfigError
from tests.channels.mail.conftest import settings

IMAP = {"host": "imap.example.com", "username": "u", "password": "p"}


def test_defaults() -> None:
    made = settings(imap=IMAP, smtp={"host": "smtp.example.com"})
    assert made["max_size"] == 25_000_000
    assert made["first_sync"] == "new"
    assert made["imap"]["tls"] == "ssl"
    assert made["imap"]["folders"] == ["INBOX"]
    assert made["plus_addresses"] is True
    assert SPEC.describe(made) == "support@example.com"


def test_a_password_never_crosses_a_network_in_the_clear_by_accident() -> None:
    with pytest.raises(ConfigError, match="allow_insecure"):
        settings(imap=IMAP | {"tls": "none"})
    settings(imap=IMAP | {"tls": "none"}, allow_insecure=True)
    for host in ("localhost", "127.0.0.1", "::1"):
        settings(imap=IMAP | {"tls": "none", "host": host})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"address": "nobody"}, "not an e-mail address"),
        ({"imap": IMAP | {"port": 99999}}, "between 1 and 65535"),
        ({"imap": IMAP | {"tls": "tls"}}, "one of ssl, starttls, none"),
        ({"imap": {"host": "h"}}, "username is missing"),
        ({"first_sync": "1d"}, "one of new, 30d, all"),
        ({"aliases": ["x"]}, "not an e-mail address"),
        ({"max_size": 0}, "above zero"),
        ({"adress": "x"}, "did you mean address"),
    ],
)
def test_mistakes_are_named(given: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        settings(**given)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (" Anna@Example.COM ", "anna@example.com"),
        ("Anna <anna@example.com>", "anna@example.com"),
        ("mailto:a@b.cd", "a@b.cd"),
        ("анна@пример.рф", "анна@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_normalise(typed: str, expected: str) -> None:
    assert SPEC.normalise(typed) == expected
    assert SPEC.normalise(expected) == expected


@pytest.mark.parametrize("typed", ["", "a", "a@", "@b", "a@b@c", "a b@c.d", "a@b..c", "a@.b", "<>"])
def test_normalise_refuses(typed: str) -> None:
    with pytest.raises(ValueError, match="is not an e-mail address"):
        SPEC.normalise(typed)


def test_an_account_without_smtp_cannot_write_first() -> None:
    made = settings(imap=IMAP, max_size=1000)
    assert SPEC.adapt is not None
    capabilities, limits = SPEC.adapt(made, SPEC.capabilities, SPEC.limits)
    assert Capability.WRITE_FIRST not in capabilities
    assert limits.max_message == 1000
    assert limits.max_file == 720


def test_r22_notices_can_be_answered_only_where_an_answer_can_be_proven() -> None:
    able = {"imap": IMAP, "authserv_id": "mx.example.com"}
    for changed, can in (
        ({}, True),
        ({"authserv_id": None}, False),
        ({"imap": None}, False),
        ({"plus_addresses": False}, False),
    ):
        given = {key: value for key, value in {**able, **changed}.items() if value is not None}
        assert SPEC.adapt is not None
        capabilities, _limits = SPEC.adapt(settings(**given), SPEC.capabilities, SPEC.limits)
        assert (Capability.ANSWER_ADDRESSES in capabilities) is can


def test_importing_the_description_imports_no_mail_library() -> None:
    code = (
        "import sys, pfinbox.channels.mail; "
        "print([m for m in ('aioimaplib', 'aiosmtplib', 'selectolax', 'chardet', 'email.message', "
        "'markdown_it', 'asyncio') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("INBOX", "INBOX"),
        ("Входящие", "&BBIERQQ+BDQETwRJBDgENQ-"),
        ("R&D", "R&-D"),
        ("台北/日本語", "&U,BTFw-/&ZeVnLIqe-"),
    ],
)
def test_folder_names_on_the_wire(name: str, wire: str) -> None:
    assert encode(name) == wire
    assert decode(wire) == name
    assert decode("&broken") == "&broken"
