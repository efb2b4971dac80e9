"""The values of header fields, in pieces that each stand on a line of its own.

A piece is never cut: no blank between encoded words is lost, and no Message-ID is encoded.
"""

from base64 import b64encode
from collections.abc import Iterable

from pfinbox.domain.contract.party import Party
from pfinbox.domain.text.cleaning import clean_line

# A word of RFC 2047 has 75 characters at most: 45 bytes make 60 of base64.
_WORD_BYTES = 45
_LINE = 70
_SPECIALS = frozenset('()<>[]:;@\\,."')


def words(text: str) -> list[str]:
    """``text`` as one clean line, encoded where it is not plain ASCII."""
    return _words(clean_line(text))


def mailboxes(parties: Iterable[Party]) -> list[str]:
    """An address list."""
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
    return pieces


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
