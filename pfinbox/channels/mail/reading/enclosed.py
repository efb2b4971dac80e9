"""A mail within a mail: its bytes as a file, and one line that says what it is."""

import binascii
from base64 import b64decode
from email.message import Message as Mail
from email.parser import BytesParser
from email.policy import compat32
from quopri import decodestring

from pfinbox.channels.mail.reading.addresses import parties
from pfinbox.channels.mail.reading.headers import Headers, date
from pfinbox.channels.mail.reading.payload import children, content

_MAX_BLOCKS = 20
_MAX_HEADER = 65_536


def message_bytes(part: Mail) -> bytes:
    """The bytes. Re-serialising odd ones may fail: then what can be told of it."""
    inner = children(part)
    if not inner:
        return content(part)
    blocks = []
    for child in inner[:_MAX_BLOCKS]:
        try:
            blocks.append(child.as_bytes())
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            fields = (f"{name}: {value}\r\n" for name, value in child.raw_items())
            blocks.append("".join(fields).encode("utf-8", "surrogateescape"))
    return _decoded(part, b"\r\n".join(blocks))


def one_line(data: bytes) -> str | None:
    """``[MESSAGE] Order 12 · Pat <pat@x.org> · 2026-11-02 10:00 UTC``; None: it says nothing."""
    head = data[:_MAX_HEADER]
    headers = Headers(BytesParser(policy=compat32).parsebytes(head, headersonly=True).raw_items())
    senders = parties(headers.all("from")[:1])
    who = " ".join(filter(None, (senders[0].name, f"<{senders[0].value}>"))) if senders else ""
    when = date(headers.first("date"))
    said = [headers.text("subject")[:300], who[:300], f"{when:%Y-%m-%d %H:%M} UTC" if when else ""]
    told = " · ".join(word for word in said if word)
    return f"[MESSAGE] {told}" if told else None


def _decoded(part: Mail, data: bytes) -> bytes:
    """RFC 2046 allows enclosed mails no encoding; Exchange and some gateways use one."""
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    try:
        if encoding == "base64":
            return b64decode(b"".join(data.split()), validate=True)
        return decodestring(data) if encoding == "quoted-printable" else data
    except (binascii.Error, ValueError):
        return data
