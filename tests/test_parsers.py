"""Whatever strangers and files say, every reader gives an answer of its kind or its own error.

The readers of mails, HTML, RTF, TNEF, calendars, the search language and moments have such tests
of their own. ``PFINBOX_HYPOTHESIS=long`` runs many more examples than the normal suite:

    PFINBOX_HYPOTHESIS=long pytest -n 2 $(grep -rl hypothesis tests)
"""

import ast
import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfinbox.channels.mail.imap.session import answers
from pfinbox.channels.mail.imap.session.mailbox_name import decode, encode
from pfinbox.channels.mail.smtp.tokens import read_message_id, read_reply_address
from pfinbox.config import account_settings, parse
from pfinbox.domain.contract.addresses import service_address
from pfinbox.domain.contract.channel import Channel, TextUnit
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.parts import split, units
from pfinbox.domain.contract.webhook import Request, Verdict
from pfinbox.domain.listening import listening, origin
from pfinbox.domain.notices.answers import read_token
from pfinbox.domain.text.filename import file_name
from pfinbox.domain.text.mail_address import normalise
from pfinbox.errors import PfinboxError
from pfinbox.plugins import load_channel
from pfinbox.web.network import parsed
from pfinbox.web.pages import accepted
from tests.channels.test_services import CHANNELS, opened
from tests.channels.test_services import settings as given_to

LONG = os.environ.get("PFINBOX_HYPOTHESIS") == "long"
many = settings(max_examples=5000 if LONG else 25)
NOW = datetime(2026, 11, 2, tzinfo=UTC)

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, 1, -1, 7, 42, 1 << 31, 1 << 63, 10**30, 1762074000, 1762074000000])
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["7", "1e999", "\ud800", "\x00\x1b[2J", "2026-11-02T09:00:00Z", "https://x.y/z"]
    )
)


@cache
def vocabulary(name: str) -> tuple[str, ...]:
    """The words that the channel's own code looks for: fuzzing without them stays at the door."""
    package = load_channel(name).open.__module__.rpartition(".")[0]
    folder = Path(str(import_module(package).__file__)).parent
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return tuple(sorted(one for one in found if one.isprintable() and 0 < len(one) <= 30))


@cache
def bodies(name: str) -> st.SearchStrategy[bytes]:
    """JSON in the words of the channel, and what is none."""
    words = st.sampled_from(vocabulary(name))
    values = st.recursive(
        _SCALARS | words,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(words | st.text(max_size=4), inner, max_size=8)
        ),
        max_leaves=25,
    )
    return (
        values.map(lambda value: json.dumps(value).encode())
        | st.binary(max_size=60)
        | st.sampled_from(
            [b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000, b"NaN", b"\xff\xfe", b""]
        )
    )


@cache
def channel_of(name: str) -> Channel:
    return opened(name)


@pytest.mark.parametrize("name", CHANNELS)
@many
@given(data=st.data())
def test_stored_bytes_are_read_again_whatever_they_are(name: str, data: st.DataObject) -> None:
    """By every channel: a request that cannot be read must not stop those behind it (R12)."""
    if name == "email":
        return  # by its own process: ``tests.channels.mail.test_fuzz``
    channel = channel_of(name)
    raw = data.draw(bodies(name))
    found = channel.parse(data.draw(st.text(max_size=20)), raw)
    assert isinstance(found, Incoming)
    assert found.raw == raw


@pytest.mark.parametrize("name", [one for one in CHANNELS if load_channel(one).admit is not None])
@many
@given(data=st.data())
def test_any_request_gets_a_verdict_and_no_stranger_is_kept(name: str, data: st.DataObject) -> None:
    admit = load_channel(name).admit
    assert admit is not None
    words = st.sampled_from(vocabulary(name)) | st.text(max_size=12)
    headers = data.draw(st.dictionaries(words.map(str.lower), words, max_size=4))
    if data.draw(st.booleans()):
        kinds = ["application/json", "application/x-www-form-urlencoded; charset=koi8-r", "x"]
        headers["content-type"] = data.draw(st.sampled_from(kinds))
    request = Request(
        method=data.draw(st.sampled_from(["POST", "POST", "GET", "PUT"])),
        rest=data.draw(words),
        query=data.draw(st.dictionaries(words, words, max_size=2)),
        headers=headers,
        body=data.draw(bodies(name)),
        received_at=NOW,
    )
    verdict = admit(given_to(load_channel(name)), request)
    assert isinstance(verdict, Verdict)
    assert 200 <= verdict.status < 500
    assert not verdict.keep


# Each look-up asks the installation.
spec_of = cache(load_channel)

_WORDS = st.lists(
    st.sampled_from(
        [
            *'[]="{},.\n#@*\0é:',
            "unix:/x",
            "127.0.0.1:1",
            "http://",
            "en;q=",
            "1e999",
            "-1",
            "localhost",
        ]
    ),
    max_size=14,
).map("".join)


_ODD_TOML = [
    *(
        "0",
        "-1",
        "1e999",
        "true",
        "[]",
        "{}",
        "''",
        "[[]]",
        "[1]",
        "1979-05-27",
        "99999999999999999999",
    ),
    *('"\\u0000"', '"\\u001b[2J"', '{ env = "" }', "{ file = 1 }", '"a b"', '"http://["', "nan"),
]


def test_any_configuration_is_read_or_is_a_mistake_in_one_sentence() -> None:
    """The example, each of its values in turn one that cannot be meant."""
    lines = (Path(__file__).parent.parent / "config.example.toml").read_text("utf-8").splitlines()
    said: list[str] = []
    for n, line in enumerate(lines):
        key, equals, _value = line.removeprefix("# ").partition(" = ")
        if not equals or not key.isidentifier():
            continue
        for odd in _ODD_TOML if LONG else _ODD_TOML[n % 9 :: 9]:
            text = "\n".join([*lines[:n], f"{key} = {odd}", *lines[n + 1 :]])
            try:
                found = parse(text, Path("c.toml"))
                for account in found.accounts.values():
                    account_settings(found, account, spec_of(account.channel))
            except PfinboxError as error:
                said.append(str(error))
    assert all(said)
    assert len(said) > 50


_IMAP_LINES = st.lists(
    st.lists(
        st.sampled_from(
            [
                b"1 FETCH (UID 7 ",
                b"RFC822.SIZE 99999999999999999999 ",
                b'INTERNALDATE "31-Feb-9999 25:00:00 +9999" ',
                b'INTERNALDATE "01-Jan-0001 00:00:00 +2359" ',
                b'X-GM-LABELS ("\\\\Sent" x "',
                b"FLAGS (\\Seen",
                b'LIST (\\Sent) "/" ',
                b'(\\Noselect) NIL "&BB',
                b")",
                b"SEARCH 3 1 1 x",
                b" UID " + b"9" * 5000,
                b"RFC822.SIZE " + b"9" * 5000,
                b"\xff\x00",
            ]
        )
        | st.binary(max_size=6),
        max_size=6,
    ).map(b"".join)
    | st.binary(max_size=20).map(bytearray),
    max_size=6,
)


@many
@given(_WORDS | st.text(max_size=40))
def test_any_header_and_address_is_read(text: str) -> None:
    assert accepted(text) in ("en", "pl", "ru")
    for reader in (listening, origin, normalise):
        with suppress(ValueError):
            reader(text)
    assert service_address("x")(text) is None or service_address("x")(text)
    assert file_name(text, 1)
    assert parsed(text) is None or ":" in text or "." in text
    assert read_reply_address(b"key", text) is read_message_id(b"key", text) is None
    assert read_token([text, text.lower()]) is None


@many
@given(_IMAP_LINES, st.text(max_size=40))
def test_whatever_an_imap_server_answers_is_read(told: list[bytes | bytearray], name: str) -> None:
    """Lines and literals in any order: mails have a number, folders a name that comes back."""
    assert all(one.uid >= 0 for one in answers.messages_in(told))
    assert all(isinstance(folder, str) for folder, _flags in answers.folders_in(told))
    numbers = answers.numbers_in(bytes(line) for line in told)
    assert numbers == sorted(set(numbers))
    assert decode(encode(name)) == name


@many
@given(st.text(max_size=60), st.integers(1, 12), st.sampled_from(list(TextUnit)))
def test_r25_a_text_of_any_signs_is_split_and_nothing_of_it_is_lost(
    text: str, limit: int, unit: TextUnit
) -> None:
    pieces = split(text, limit, unit)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(units(piece, unit) <= limit or len(piece) == 1 for piece in pieces)
