"""Any bytes at all: reading never raises, loses no part, and what it gives can be stored.

``PFINBOX_HYPOTHESIS=long`` runs many more examples than the normal suite.
"""

import itertools
import os
from base64 import b64encode
from dataclasses import dataclass
from quopri import encodestring

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pfinbox.channels.mail.reading.formats.html import to_text
from pfinbox.channels.mail.reading.replytext import new_text
from pfinbox.domain.text.cleaning import clean, clean_line
from tests.channels.mail.letters import read

LONG = os.environ.get("PFINBOX_HYPOTHESIS") == "long"
many = settings(
    max_examples=20_000 if LONG else 100,
    suppress_health_check=[HealthCheck.too_slow],
)

_FIELDS = st.sampled_from(
    [
        *["From", "To", "Cc", "Reply-To", "Subject"],
        *["Message-ID", "In-Reply-To", "References", "Date", "Content-Type"],
        *[
            "Content-Transfer-Encoding",
            "Content-Disposition",
            "Authentication-Results",
            "Return-Path",
            "Auto-Submitted",
        ],
        *["X-Failed-Recipients", "Received", "Delivered-To"],
    ]
)
_PIECES = st.sampled_from(
    [
        *["=?utf-8?q?", "=?koi8-r?B?", "?=", "<", ">", "@", '"', "(", ")", ",", ";", ":", "\\"],
        *["a@b.cd", "multipart/mixed; boundary=B", "multipart/report; report-type=delivery-status"],
        *["text/html", "message/rfc822", "message/delivery-status", "; charset=utf-16", "base64"],
        *["quoted-printable", "uuencode", "attachment; filename*=''%ff", "Mon, 2 Nov 2026", "\0"],
        *["\r\n ", "dmarc=pass", "é", "\udcff", "[#1]", "auto-replied", "x" * 50, "-1", "99999999"],
    ]
)
_LINES = st.sampled_from(
    [
        *["--B", "--B--", "", "Content-Type: text/html", "Content-Type: message/rfc822", "> x"],
        *["<div>", "</p>", "<a href=http://x>", "<!--", "=C3", "begin 644 x", "Message-ID: <a@b>"],
        *["On 2 Nov 2026, A wrote:", "-- ", "From: a", "Sent: b", "To: c", "=?", "\0", "é"],
    ]
)
_LETTERS = st.builds(
    lambda fields, lines: (
        "".join(f"{name}: {''.join(pieces)}\r\n" for name, pieces in fields)
        + "\r\n"
        + "\r\n".join(lines)
    ).encode("utf-8", "surrogateescape"),
    st.lists(st.tuples(_FIELDS, st.lists(_PIECES, max_size=8)), max_size=12),
    st.lists(_LINES, max_size=20),
)


@many
@given(raw=st.one_of(st.binary(max_size=2000), _LETTERS))
@example(raw=b":\rContenT-type:charset=\x00\r\x80")
@example(raw=b"From:=@j\xb9\xff")
@example(raw=b"Content-Type: text/plain; charset=utf-16\r\n\r\n\xd8\x00\xd8")
def test_any_mail_is_read_and_storable(raw: bytes) -> None:
    message = read(raw)
    texts = [message.text, message.new_text, message.title, message.sender.name, message.source_id]
    texts += [file.name for file in message.files]
    for text in texts:
        for shown in (clean(text or ""), clean_line(text or "")):
            assert "\0" not in shown
            shown.encode()  # no surrogates
    for party in (message.sender, *message.to, *message.cc):
        party.value.encode()
        assert not any(char.isspace() or char < " " for char in party.value)
    for found in (message.source_id, *message.references):
        assert len(found) < 1000
    for file in message.files:
        assert file.slice is None or file.slice.of(raw) == file.content


_TAGS = ["<div>", "</div>", "<b>", "<ul>", "<li>", "</ul>", "<a href='http://x'>", "</a>", "x"]


@many
@given(st.lists(st.sampled_from(_TAGS)))
def test_any_html_is_text(tags: list[str]) -> None:
    text, whole = to_text("".join(tags))
    assert whole
    assert text.count("x") >= sum(tag == "x" for tag in tags)


@many
@given(st.text())
def test_new_text_is_a_part_of_the_text(text: str) -> None:
    found = new_text(text)
    assert found is None or (found and found in text)


@dataclass(frozen=True)
class Leaf:
    """A part with a word that is found nowhere else; ``kind`` says how it is written."""

    kind: str
    encoding: str
    charset: str
    noise: str


@dataclass(frozen=True)
class Node:
    kind: str
    children: tuple["Leaf | Node", ...]


_LEAVES = st.builds(
    Leaf,
    st.sampled_from(["text/plain", "text/html", "file", "text/calendar", "message/rfc822"]),
    st.sampled_from(["base64", "quoted-printable", "8bit"]),
    st.sampled_from(["utf-8", "koi8-r", "windows-1251", "utf-16", "x-unknown"]),
    st.text("абвгд <>&=-.\n", max_size=40),
)
_TREES = st.recursive(
    _LEAVES,
    lambda children: st.builds(
        Node,
        st.sampled_from(["mixed", "related", "alternative", "signed", "odd"]),
        st.lists(children, min_size=1, max_size=4).map(tuple),
    ),
    max_leaves=12,
)


class _Writer:
    """A tree as the bytes of a mail; ``words`` are what must be found, in sets of renditions."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.words: list[set[str]] = []

    def write(self, part: Leaf | Node, instead: set[str] | None = None) -> bytes:
        if isinstance(part, Leaf):
            return self._leaf(part, instead)
        boundary = f"b{next(self._numbers)}"
        if part.kind == "alternative" and instead is None:
            instead = set()
            self.words.append(instead)
        head = f'Content-Type: multipart/{part.kind}; boundary="{boundary}"\r\n\r\n'
        written = [self.write(child, instead) for child in part.children]
        body = b"".join(f"--{boundary}\r\n".encode() + one + b"\r\n" for one in written)
        return head.encode() + body + f"--{boundary}--\r\n".encode()

    def _leaf(self, leaf: Leaf, instead: set[str] | None) -> bytes:
        word = f"word{next(self._numbers)}word"
        # Of renditions one is shown; files among them are files all the same.
        if leaf.kind.startswith(("text/plain", "text/html")) and instead is not None:
            instead.add(word)
        else:
            self.words.append({word})
        charset = "utf-8" if leaf.charset == "x-unknown" else leaf.charset
        text = {
            "text/calendar": f"BEGIN:VEVENT\r\nSUMMARY:{word}\r\nEND:VEVENT",
            "message/rfc822": f"Subject: {word}\r\n\r\n{word}",
        }.get(leaf.kind, f"{word} {leaf.noise.replace('<', '&lt;')}")
        kind, encoding = leaf.kind, leaf.encoding
        if kind == "file":
            kind = "application/pdf"
        if kind == "message/rfc822":  # of these, nothing but 7bit is allowed
            encoding, charset = "8bit", "utf-8"
        if charset == "utf-16" and encoding == "8bit":
            encoding = "base64"
        data = text.encode(charset, "replace")
        if encoding == "base64":
            data = b64encode(data)
        elif encoding == "quoted-printable":
            data = encodestring(data)
        head = f"Content-Type: {kind}; charset={leaf.charset}\r\n"
        return f"{head}Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + data


@many
@given(_TREES)
def test_no_part_is_lost(tree: Leaf | Node) -> None:
    writer = _Writer()
    raw = b"From: a@b.cd\r\nMIME-Version: 1.0\r\n" + writer.write(tree)
    message = read(raw)
    assert all(file.slice is None or file.slice.of(raw) == file.content for file in message.files)
    kept = message.text.encode() + b"".join(file.content for file in message.files)
    for renditions in writer.words:
        found = [word.encode() in kept or word.encode("utf-16-le") in kept for word in renditions]
        assert any(found) or not renditions
