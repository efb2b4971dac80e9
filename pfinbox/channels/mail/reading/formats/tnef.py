"""winmail.dat (TNEF) unpacked: the files and words that Outlook hides from everybody else.

MS-OXTNEF: attributes one after another, each with a level, an id and a length; some hold lists of
MAPI properties. Nothing is compressed but RTF, of which there is a limit (``rtf.py``), so that
what comes out is never much larger than what went in.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pfinbox.channels.mail.reading.charset import decode
from pfinbox.channels.mail.reading.formats import rtf
from pfinbox.domain.contract.files import File

SIGNATURE = 0x223E9F78
MAX_FILES = 200
_MAX_ATTRIBUTES = 10_000
_MAX_PROPERTIES = 5_000
_MAX_VALUES = 1_000
_MAX_DEPTH = 3

_RENDERING, _TITLE, _DATA, _ATTACHMENT = 0x69002, 0x18010, 0x6800F, 0x69005
_MESSAGE, _BODY, _CODE_PAGE = 0x69003, 0x2800C, 0x69007

_LONG_NAME, _NAME, _MEDIA_TYPE, _CONTENT_ID, _OBJECT = 0x3707, 0x3704, 0x370E, 0x3712, 0x3701
_TEXT, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_WIDTHS = {
    0x2: 4,
    0x3: 4,
    0x4: 4,
    0x5: 8,
    0x6: 8,
    0x7: 8,
    0xA: 4,
    0xB: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
}
_SIZED = (0xD, 0x1E, 0x1F, 0x102)  # object, string8, unicode, binary
_GUID = 16


@dataclass(slots=True)
class Unpacked:
    """``whole`` is false where something could not be understood."""

    files: list[File] = field(default_factory=list)
    text: str = ""
    html: str = ""
    whole: bool = True


@dataclass(slots=True)
class _Attachment:
    name: str = ""
    media_type: str = ""
    content_id: str = ""
    content: bytes = b""


def unpack(data: bytes, depth: int = 0) -> Unpacked:
    """What is in ``data``; never raises for what it holds."""
    found = Unpacked()
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE:
        found.whole = False
        return found
    charset = "cp1252"
    attachment: _Attachment | None = None
    try:
        for identity, value in _attributes(data):
            if identity == _CODE_PAGE and len(value) >= 4:
                charset = f"cp{struct.unpack_from('<I', value)[0]}"
            elif identity == _RENDERING:
                _finish(attachment, found, depth)
                attachment = _Attachment()
            elif identity == _BODY:
                found.text = found.text or decode(value.rstrip(b"\0"), charset)
            elif identity == _MESSAGE:
                _message(value, charset, found)
            elif attachment is not None:
                _attach(identity, value, charset, attachment)
    except (struct.error, ValueError):
        found.whole = False
    _finish(attachment, found, depth)
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    for _number in range(_MAX_ATTRIBUTES):
        if at >= len(data):
            return
        _level, identity, length = struct.unpack_from("<BII", data, at)
        at += 9
        if length > len(data) - at:
            raise ValueError(length)
        yield identity, data[at : at + length]
        at += length + 2  # and a checksum, which programs get wrong


def _message(value: bytes, charset: str, found: Unpacked) -> None:
    packed = b""
    for identity, kind, data in _properties(value):
        if identity == _TEXT:
            found.text = found.text or _string(kind, data, charset)
        elif identity == _HTML:
            found.html = found.html or decode(data.rstrip(b"\0"))
        elif identity == _RTF:
            packed = packed or data
    if packed and not (found.text.strip() or found.html.strip()):
        _rich(packed, found)


def _rich(packed: bytes, found: Unpacked) -> None:
    """Outlook's own format, where the mail says it in no other."""
    plain = rtf.decompress(packed)
    text, is_html = rtf.words(plain)
    if is_html:
        found.html = text
    else:
        found.text = text
    found.whole = found.whole and len(plain) < rtf.MAX_RTF


def _attach(identity: int, value: bytes, charset: str, attachment: _Attachment) -> None:
    if identity == _TITLE:
        attachment.name = attachment.name or decode(value.rstrip(b"\0"), charset)
    elif identity == _DATA:
        attachment.content = attachment.content or value
    elif identity == _ATTACHMENT:
        for name, kind, data in _properties(value):
            if name == _LONG_NAME:  # the title beside it is cut to eight letters and three
                attachment.name = _string(kind, data, charset) or attachment.name
            elif name == _NAME:
                attachment.name = attachment.name or _string(kind, data, charset)
            elif name == _MEDIA_TYPE:
                attachment.media_type = _string(kind, data, charset)
            elif name == _CONTENT_ID:
                attachment.content_id = _string(kind, data, charset).strip("<>")
            elif name == _OBJECT and not attachment.content:
                # An object begins with what kind of one it is.
                attachment.content = data[_GUID:] if kind == 0xD else data


def _finish(attachment: _Attachment | None, found: Unpacked, depth: int) -> None:
    if attachment is None or not attachment.content or len(found.files) >= MAX_FILES:
        return
    content = attachment.content
    if content[:4] == struct.pack("<I", SIGNATURE) and depth < _MAX_DEPTH:  # an enclosed message
        inner = unpack(content, depth + 1)
        words = inner.text or inner.html
        if words.strip():
            kind = "text/plain" if inner.text else "text/html"
            title = attachment.name or "message"
            found.files.append(File(f"{title}.txt", kind, words.encode("utf-8", "replace")))
        found.files += inner.files[: MAX_FILES - len(found.files)]
        return
    kind = attachment.media_type.strip().lower()
    if not kind.isascii() or not kind.isprintable() or kind.count("/") != 1 or len(kind) > 100:
        kind = "application/octet-stream"
    name = " ".join(attachment.name.split())[:500] or "file.bin"
    found.files.append(File(name, kind, content, attachment.content_id[:500] or None))


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(id, type, first value) of each property; of a list only its first value counts."""
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _number in range(min(count, _MAX_PROPERTIES)):
        kind, identity = struct.unpack_from("<HH", data, at)
        at += 4
        if identity >= 0x8000:  # a named one: its set, then a number or a name
            (named,) = struct.unpack_from("<I", data, at + _GUID)
            (extra,) = struct.unpack_from("<I", data, at + _GUID + 4)
            at += _GUID + 8 + (_padded(extra) if named else 0)
        several, kind = bool(kind & 0x1000), kind & ~0x1000
        values = 1
        if several or kind in _SIZED:
            (values,) = struct.unpack_from("<I", data, at)
            at += 4
        first = b""
        for number in range(values):
            if number >= _MAX_VALUES:
                raise ValueError(values)
            if kind in _SIZED:
                (length,) = struct.unpack_from("<I", data, at)
                at += 4
            elif kind in _WIDTHS:
                length = _WIDTHS[kind]
            else:
                raise ValueError(kind)
            if length > len(data) - at:
                raise ValueError(length)
            first = first if number else data[at : at + length]
            at += _padded(length)
        yield identity, kind, first


def _padded(length: int) -> int:
    return (length + 3) & ~3


def _string(kind: int, data: bytes, charset: str) -> str:
    if kind == 0x1F:
        return data.decode("utf-16-le", "replace").rstrip("\0")
    return decode(data.rstrip(b"\0"), charset)
