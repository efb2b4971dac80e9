"""Fields and parts of a mail as bytes (RFC 5322, 2045, 2231): everything 7-bit, every line short.

Python's own EmailMessage reads every field that it writes, by a parser that takes a millisecond
for a mail: longer than the server does. And its folding loses blanks between encoded words, and
makes encoded words of long Message-IDs, which no other program reads as ids any more.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Sequence
from hashlib import sha256
from urllib.parse import quote

from pfinbox.domain.contract.files import File

# RFC 5322, 2.1.1: a line should be no longer.
_LINE = 78
# A piece of a parameter's value, with its name and mark no longer than a line.
_PIECE = re.compile(r"(?:%..|.){1,20}")
_TOKEN = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}", re.IGNORECASE)
_SIMPLE = re.compile(r"[\w .,()+@=-]{1,40}", re.ASCII)


def field(name: str, *pieces: str) -> str:
    """One header field, each piece on a line of its own; a piece is ASCII and without line ends."""
    if any("\r" in piece or "\n" in piece for piece in pieces):
        raise ValueError(f"{name}: a line end within the field")
    return f"{name}: " + "\r\n ".join(pieces) + "\r\n"


def text(content: str, subtype: str) -> bytes:
    """A part of text, in the shortest encoding that its letters and lines allow."""
    raw = content.replace("\n", "\r\n").encode()
    if content.isascii() and max(map(len, content.split("\n"))) <= _LINE:
        encoding, coded = "7bit", raw
    else:
        encoding, coded = "quoted-printable", b2a_qp(raw)
        if len(coded) > len(raw) * 3 // 2:
            encoding, coded = "base64", _base64(raw)
    head = field("Content-Type", f'text/{subtype}; charset="utf-8"')
    return (head + field("Content-Transfer-Encoding", encoding)).encode() + b"\r\n" + coded


def attached(file: File, name: str) -> bytes:
    """A part that is a file, whatever it holds."""
    main, _slash, sub = file.media_type.partition("/")
    sound = _TOKEN.fullmatch(main) and _TOKEN.fullmatch(sub)
    # These are no containers of ours.
    if not sound or main.lower() in ("multipart", "message"):
        main, sub = "application", "octet-stream"
    head = (
        field("Content-Type", f"{main}/{sub}")
        + field("Content-Transfer-Encoding", "base64")
        + field("Content-Disposition", *_with_name("attachment", name))
    )
    return head.encode() + b"\r\n" + _base64(file.content)


def multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    """The parts as one; the same parts have the same boundary, so a resend is the same mail."""
    boundary = "=_" + sha256(b"\0".join(sha256(part).digest() for part in parts)).hexdigest()[:32]
    mark = f"--{boundary}".encode()
    head = field("Content-Type", f"multipart/{subtype};", f'boundary="{boundary}"').encode()
    inner = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts)
    return head + b"\r\n" + inner + mark + b"--\r\n"


def _base64(raw: bytes) -> bytes:
    return encodebytes(raw).replace(b"\n", b"\r\n")


def _with_name(kind: str, name: str) -> Iterable[str]:
    """A value with a file's name, in pieces (RFC 2231, 3 and 4) where it is long or no ASCII."""
    if _SIMPLE.fullmatch(name):
        return (f"{kind};", f'filename="{name}"')
    pieces = _PIECE.findall(quote(name, safe=""))
    if len(pieces) == 1:
        return (f"{kind};", f"filename*=utf-8''{pieces[0]}")
    numbered = [f"filename*{number}*={piece}" for number, piece in enumerate(pieces)]
    numbered[0] = numbered[0].replace("=", "=utf-8''", 1)
    return (f"{kind};", *(f"{piece};" for piece in numbered[:-1]), numbered[-1])
