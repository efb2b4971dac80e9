"""Header fields folded by us: between pieces that are joined by tabs until they are written.

Python's own folding loses blanks between encoded words, and makes encoded words of long
Message-IDs, which no other program reads as ids any more.
"""

from base64 import b64encode
from collections.abc import Iterable
from email.headerregistry import BaseHeader
from email.policy import Policy
from typing import Any

from pfinbox.domain.contract.envelope import Party
from pfinbox.domain.text.cleaning import clean_line

# A word of RFC 2047 has 75 characters at most: 45 bytes make 60 of base64.
_WORD_BYTES = 45
_LINE = 70
_SPECIALS = frozenset('()<>[]:;@\\,."')


class Pieces(BaseHeader):
    """A field whose value is ASCII pieces with a tab between them, one piece a line."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"] = None
        kwds["decoded"] = value

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: " + f"{policy.linesep} ".join(self.split("\t")) + policy.linesep


def words(text: str) -> str:
    """``text`` as one clean line in pieces, encoded where it is not plain ASCII."""
    return "\t".join(_words(clean_line(text)))


def mailboxes(parties: Iterable[Party]) -> str:
    """An address list in pieces."""
    pieces: list[str] = []
    for party in parties:
        if pieces:
            pieces[-1] += ","
        name = clean_line(party.name, 150)
        if not name:
            pieces.append(party.value)
            continue
        pieces += _words(name) if _needs_encoding(name) else [_quoted(name)]
        pieces.append(f"<{party.value}>")
    return "\t".join(pieces)


def _needs_encoding(text: str) -> bool:
    return not text.isascii() or "=?" in text


def _quoted(name: str) -> str:
    if _SPECIALS.isdisjoint(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(text: str) -> list[str]:
    if not _needs_encoding(text):
        return _wrapped(text)
    chunks: list[bytes] = [b""]
    for char in text:
        data = char.encode()
        if len(chunks[-1]) + len(data) > _WORD_BYTES:
            chunks.append(b"")
        chunks[-1] += data
    return [f"=?utf-8?b?{b64encode(chunk).decode()}?=" for chunk in chunks]


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) > _LINE:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
