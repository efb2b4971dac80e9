"""What a part of a mail holds, without what :mod:`email` raises for odd ones."""

import binascii
from email.message import Message as Mail


def children(part: Mail) -> list[Mail]:
    """The parts within a part; asking a part that has none may raise for its charset."""
    payload = part.get_payload() if part.is_multipart() else None
    return [one for one in payload if isinstance(one, Mail)] if isinstance(payload, list) else []


def content(part: Mail) -> bytes:
    """The bytes of a part without parts, as they are where they cannot be decoded."""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, AssertionError, LookupError, binascii.Error):
        data = None
    if isinstance(data, bytes):
        return data
    # As it was parsed: asking for it undecoded raises for charsets with a NUL.
    return str(part._payload).encode("utf-8", "surrogateescape")  # type: ignore[attr-defined]
